#include "runtime/container/inherited.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace mycontainer::runtime::container {

namespace {

constexpr int kFirst = 3;

// 0 when there is no such variable, or it holds no number.
int number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return 0;
  const char* const end = text + std::strlen(text);
  int value = 0;
  const auto [after, status] = std::from_chars(text, end, value);
  return status == std::errc{} && after == end && value > 0 ? value : 0;
}

}  // namespace

Result<int> Inherited::preserved(int preserve_fds) const {
  if (preserve_fds <= open - listening) return listening + preserve_fds;
  return fail_code(EBADF, "--preserve-fds {}: descriptor {}", preserve_fds, kFirst + open);
}

std::vector<std::string> Inherited::environment() const {
  if (listening == 0) return {};
  return {fmt::format("LISTEN_FDS={}", listening), "LISTEN_PID=1"};
}

Inherited inherited() {
  Inherited result;
  while (::fcntl(kFirst + result.open, F_GETFD) >= 0) ++result.open;
  if (number_in("LISTEN_PID") == ::getpid()) result.listening = number_in("LISTEN_FDS");
  return result;
}

}  // namespace mycontainer::runtime::container
