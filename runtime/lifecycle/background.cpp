#include "runtime/lifecycle/background.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include "reexec/fork_function.h"
#include "reexec/sys/file.h"
#include "reexec/sys/unique_fd.h"
#include "reexec/wire.h"

namespace mycontainer::runtime::lifecycle {

namespace {

// What the copy tells: nothing more is said after it.
struct Told {
  bool started = false;
  std::string operation{}, hint{};
  std::int32_t code = 0, exit_status = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.started, self.operation, self.hint, self.code, self.exit_status);
  }
};

void tell(UniqueFd& pipe, const Told& told) {
  // When the command is gone there is nobody left to tell.
  if (pipe) (void)sys::write_all(pipe.get(), reexec::encode(told));
  pipe.reset();
}

Result<void> take_null_streams() {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_errno("open /dev/null");
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(null.get(), stream) < 0) return fail_errno("replace stream {}", stream);
  }
  return {};
}

// What the caller has left open for us is not close-on-exec, all of ours is. Whoever waits for its end
// must not wait for the copy's.
void close_callers_descriptors() {
  std::vector<int> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd > STDERR_FILENO) found.push_back(fd);
  }
  for (const int fd : found) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ::close(fd);
  }
}

int be_the_copy(UniqueFd pipe, const std::function<Result<void>(const Started&)>& work) {
  ::setsid();
  close_callers_descriptors();
  auto done = take_null_streams();
  if (done) done = work([&pipe] { tell(pipe, {.started = true}); });
  if (done) return 0;
  Error error = std::move(done).error();
  tell(pipe,
       {false, std::move(error.operation), std::move(error.hint), error.code, error.exit_status});
  return 1;
}

}  // namespace

Result<void> in_background(const std::function<Result<void>(const Started& started)>& work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("make a pipe");
  const UniqueFd told_end(ends[0]);
  UniqueFd telling_end(ends[1]);
  TRY(auto copy, reexec::fork_function([&] { return be_the_copy(std::move(telling_end), work); }));
  telling_end.reset();
  TRY(const std::string text, sys::read_all(told_end.get()));
  if (text.empty()) return fail("the process in the background ended too early");
  TRY(Told told, reexec::decode<Told>(text));
  if (!told.started) {
    return Failure(
        Error{std::move(told.operation), told.code, std::move(told.hint), told.exit_status});
  }
  (void)copy.release();
  return {};
}

}  // namespace mycontainer::runtime::lifecycle
