#include "runtime/lifecycle/background.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <tuple>

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

int be_the_copy(UniqueFd pipe, const std::function<Result<void>(const Started&)>& work) {
  ::setsid();
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
