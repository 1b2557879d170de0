// What went wrong, as a value: Error, Result<T>, and the ways to make and pass one on.
//
// Either side (parent or child, after its execve) may use this header. Nothing here throws.
#pragma once

#include <fmt/core.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace mycontainer::reexec::sys {

// One failure, told once. `operation` names what was tried and on which object ("open
// /etc/passwd"), without a period and without the errno's text; message() adds that. `code` is an
// errno value, or 0 when no system call failed. `hint` says what the user can do, or is empty.
// `exit_status` is what the process should exit with because of it (Docker's numbers: 125 the
// engine, 126 not executable, 127 not found), or 0 for the caller's default.
struct Error {
  std::string operation{};
  int code = 0;
  std::string hint{};
  int exit_status = 0;

  // "open /etc/passwd: Permission denied (EACCES)", or the operation alone when code is 0.
  [[nodiscard]] std::string message() const;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Failure = tl::unexpected<Error>;

// The symbolic name of an errno value ("ENOENT"), or its number as text when it has none.
std::string errno_name(int code);

// A failure that no system call reported: return fail("unknown signal {}", name);
template <class... Args>
[[nodiscard]] Failure fail(fmt::format_string<Args...> format, Args&&... args) {
  return Failure(Error{fmt::format(format, std::forward<Args>(args)...), 0, {}, 0});
}

// A failure with a given errno value.
template <class... Args>
[[nodiscard]] Failure fail_code(int code, fmt::format_string<Args...> format, Args&&... args) {
  return Failure(Error{fmt::format(format, std::forward<Args>(args)...), code, {}, 0});
}

// A failed system call: errno is read before any text is formatted. return fail_errno("open {}",
// path);
template <class... Args>
[[nodiscard]] Failure fail_errno(fmt::format_string<Args...> format, Args&&... args) {
  const int code = errno;
  return fail_code(code, format, std::forward<Args>(args)...);
}

// Says where in the caller's words a failure happened: "mount /proc: " + the failure's own
// operation.
[[nodiscard]] inline Failure within(std::string_view context, Error error) {
  error.operation.insert(0, std::string(context) + ": ");
  return Failure(std::move(error));
}

}  // namespace mycontainer::reexec::sys

namespace mycontainer {
using reexec::sys::errno_name;
using reexec::sys::Error;
using reexec::sys::fail;
using reexec::sys::fail_code;
using reexec::sys::fail_errno;
using reexec::sys::Failure;
using reexec::sys::Result;
using reexec::sys::within;
}  // namespace mycontainer

// Unwraps a Result or returns its error from the enclosing function. Only as a whole statement:
//   TRY(auto file, open_file(path));      declares and assigns
//   TRY_VOID(write_all(fd, text));        for a Result<void>
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
#define MYCONTAINER_CONCAT_(a, b) a##b
#define MYCONTAINER_CONCAT(a, b) MYCONTAINER_CONCAT_(a, b)
#define MYCONTAINER_TRY_IMPL(temporary, target, expression)                    \
  auto temporary = (expression);                                               \
  if (!temporary) return ::mycontainer::Failure(std::move(temporary).error()); \
  target = std::move(*temporary)
#define TRY(target, expression) \
  MYCONTAINER_TRY_IMPL(MYCONTAINER_CONCAT(try_result_, __LINE__), target, expression)
#define TRY_VOID(expression)                                        \
  do {                                                              \
    if (auto try_result = (expression); !try_result)                \
      return ::mycontainer::Failure(std::move(try_result).error()); \
  } while (false)
// NOLINTEND(bugprone-macro-parentheses)
