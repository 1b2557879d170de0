#include "reexec/sys/more_descriptors.h"

#include <fcntl.h>

#include <algorithm>

namespace mycontainer::reexec::sys {

MoreDescriptors::MoreDescriptors(std::size_t count) {
  if (::getrlimit(RLIMIT_NOFILE, &before_) < 0) return;
  rlimit raised = before_;
  raised.rlim_cur = std::min<rlim_t>(raised.rlim_max, before_.rlim_cur + count);
  raised_ = ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
}

MoreDescriptors::~MoreDescriptors() {
  if (raised_) (void)::setrlimit(RLIMIT_NOFILE, &before_);
}

UniqueFd MoreDescriptors::out_of_the_way(UniqueFd fd) const {
  if (!raised_) return fd;
  UniqueFd above(::fcntl(fd.get(), F_DUPFD_CLOEXEC, static_cast<int>(before_.rlim_cur)));
  if (above) return above;
  return fd;
}

}  // namespace mycontainer::reexec::sys
