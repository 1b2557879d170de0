// The process that gives an ordinary user's container its network: pasta(1), or slirp4netns(1). Parent
// side.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::network {

// Which can be used: "pasta", else "slirp4netns"; "" when neither is in PATH, or the user may not
// open /dev/net/tun, which both need. A few access(2): it is on the way of each start.
//
// With `publishes_tcp` (to IPv4, as slirp4netns can) an old pasta is passed over when there is slirp4netns: see
// pasta_version.h. That takes a process, 3 ms.
std::string installed_provider(bool publishes_tcp);

// Its file. Errors with a hint: not installed; no /dev/net/tun.
Result<std::string> find_provider(std::string_view name);

// In a session of its own, so that no terminal's signal meant for the container ends it. It dies
// with the calling process: by its parent-death signal, which an owner who enters his own user namespace
// keeps (prctl(2)); where that was taken from it, by a keeper (keeper.h), once it is ready; and
// whatever escapes both is written down (leftover.h).
class Provider {
 public:
  // `program` is a file of find_provider(), `directory` the container's live one.
  static Result<Provider> start_pasta(const std::string& program,
                                      std::vector<std::string> arguments, pid_t pid);
  static Result<Provider> start_slirp(const std::string& program,
                                      std::vector<std::string> arguments, int directory);

  // Until it says that it is ready; or why it is not, in its own words.
  Result<void> await();
  // Its end is waited for by the destructor: its ports are free then. That takes 20 ms and more, because
  // the kernel removes its network device meanwhile.
  void kill() const;
  // Kills it and does not wait: reaped with the next start, or by whoever inherits it.
  void abandon();
  [[nodiscard]] const reexec::Process& process() const { return process_; }

 private:
  Provider(std::string name, reexec::Process process)
      : name_(std::move(name)), process_(std::move(process)) {}
  Failure failure();

  std::string name_;
  reexec::Process process_;
  UniqueFd ready_;   // readable when it is; end of file when it has ended
  UniqueFd errors_;  // kept open, so that it may write at any time; what does not fit is lost
  UniqueFd exit_;    // slirp4netns ends when this is closed
  std::optional<reexec::Process> keeper_;
};

}  // namespace mycontainer::runtime::network
