// The names in an archive of images: what may stand there, and where its links lead. Private to
// runtime/images; pure.
#pragma once

#include <map>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/archive/entry.h"

namespace mycontainer::runtime::images {

template <class Value>
class MemberNames {
 public:
  // A second member of a name is an error: nobody can say which one was meant.
  Result<void> add(std::string name, Value value) {
    TRY_VOID(count(name));
    const auto [at, is_new] = values_.emplace(std::move(name), std::move(value));
    if (!is_new) return fail("the archive has several members named {}", at->first);
    return {};
  }
  // Old archives say with a link that a layer is the same as another image's.
  Result<void> add_link(const std::string& name, const rootfs::archive::Entry& entry);

  // nullptr: there is none, or its links lead nowhere.
  [[nodiscard]] const Value* find(const std::string& name) const {
    std::string at = name;
    for (int links = 0; links < 8; ++links) {
      if (const auto found = values_.find(at); found != values_.end()) return &found->second;
      const auto link = links_.find(at);
      if (link == links_.end()) return nullptr;
      at = link->second;
    }
    return nullptr;
  }

 private:
  Result<void> count(const std::string& name) {
    bytes_ += name.size() + sizeof(Value);
    if (bytes_ > kMaxBytes) return fail("the archive has too many members");
    return {};
  }

  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  std::map<std::string, Value> values_;
  std::map<std::string, std::string> links_;
  std::size_t bytes_ = 0;
};

// Where the link `entry` leads, as a member's name; empty: out of the archive.
std::string target_of(const std::string& name, const rootfs::archive::Entry& entry);

template <class Value>
Result<void> MemberNames<Value>::add_link(const std::string& name,
                                          const rootfs::archive::Entry& entry) {
  std::string target = target_of(name, entry);
  TRY_VOID(count(name + target));
  if (!links_.emplace(name, std::move(target)).second) {
    return fail("the archive has several members named {}", name);
  }
  return {};
}

}  // namespace mycontainer::runtime::images
