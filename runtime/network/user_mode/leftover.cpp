#include "runtime/network/user_mode/leftover.h"

#include <fcntl.h>
#include <poll.h>

#include <charconv>
#include <csignal>
#include <optional>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char* kFile = "provider";

// "PID (NAME) STATE ...": the name may hold anything, so the last ")" ends it.
std::optional<std::string> start_time_of(pid_t pid) {
  const auto text = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/stat", pid));
  if (!text) return {};
  std::string_view rest = *text;
  const std::size_t name_end = rest.rfind(") ");
  if (name_end == std::string_view::npos) return {};
  rest.remove_prefix(name_end + 2);
  constexpr int kStateField = 3, kStartTimeField = 22;
  for (int field = kStateField; field < kStartTimeField; ++field) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return {};
    rest.remove_prefix(space + 1);
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

}  // namespace

Result<void> record_provider(int live_directory, pid_t pid) {
  const auto started = start_time_of(pid);
  // Ended already: whoever waits for it is told why.
  if (!started) return {};
  return sys::write_file_at(live_directory, kFile, fmt::format("{} {}\n", pid, *started),
                            O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

void end_leftover_provider(const std::string& live_directory) {
  const auto text = sys::read_regular_at(AT_FDCWD, live_directory + "/" + kFile, 64);
  if (!text) return;
  pid_t pid = 0;
  const auto number = std::from_chars(text->data(), text->data() + text->size(), pid);
  if (number.ec != std::errc() || pid <= 1) return;
  const UniqueFd pidfd(sys::pidfd_open(pid, 0));
  if (!pidfd) return;
  // Looked at while the descriptor holds it: the number cannot become another process's now.
  const auto started = start_time_of(pid);
  if (!started || *text != fmt::format("{} {}\n", pid, *started)) return;
  sys::pidfd_send_signal(pidfd.get(), SIGKILL);
  // It has its ports until it is gone, and removing its device takes it a while.
  constexpr int kPatience = 2000;  // milliseconds
  pollfd ended{pidfd.get(), POLLIN, 0};
  while (::poll(&ended, 1, kPatience) < 0 && errno == EINTR) {
  }
}

}  // namespace mycontainer::runtime::network
