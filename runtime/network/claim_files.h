// A claim of an address as files (addresses.h): making one aside, putting it in its place, and telling whose
// one is. Any process; private to runtime/network/addresses.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

// How the name of what is made aside begins; then comes its claim's.
inline constexpr std::string_view kAside = "new-";

// Of a network's claims.
std::string claims_directory(const Places& places, const std::string& network_id);

// Without "." and "..". Empty when it cannot be read, too: somebody else is removing it.
std::vector<std::string> names_in(const std::string& directory);

// Of "<container id>.<random>".
std::string owner_of(std::string_view claim);

// The claim out of its place, and the place, unless that is another's by now.
void remove_claim(const std::string& place, const std::string& claim);

// The container that lives and has the place. Not `container_id` itself: what its earlier run has
// claimed is nobody's. What is left of others is removed.
std::string living_owner(const Places& places, const std::string& place,
                         const std::string& container_id);

// What is to be put in the place of an address. Goes with its object where it was put nowhere.
class Aside {
 public:
  // ENOENT: there is no such directory.
  static Result<Aside> make(const std::string& directory, const std::string& container_id);
  Aside(Aside&& other) noexcept;
  Aside& operator=(Aside&&) = delete;
  ~Aside();

  // False: somebody has it.
  Result<bool> put(const std::string& place);

 private:
  Aside() = default;
  std::string path_, claim_;
};

}  // namespace mycontainer::runtime::network
