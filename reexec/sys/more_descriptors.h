// More descriptors at a time than the process may have. Either side may use it.
#pragma once

#include <sys/resource.h>

#include <cstddef>

#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec::sys {

// While it lives there is room for `count` more descriptors than the soft limit (getrlimit(2))
// allows, as far as the hard limit does. Then the limit is again what it was: children inherit it.
class MoreDescriptors {
 public:
  explicit MoreDescriptors(std::size_t count);
  MoreDescriptors(const MoreDescriptors&) = delete;
  MoreDescriptors& operator=(const MoreDescriptors&) = delete;
  ~MoreDescriptors();

  // For what outlives this object: the same under a number above the limit that comes back, where it
  // is in nobody's way; or as it is when those numbers are used up.
  [[nodiscard]] UniqueFd out_of_the_way(UniqueFd fd) const;

 private:
  rlimit before_{};
  bool raised_ = false;
};

}  // namespace mycontainer::reexec::sys
