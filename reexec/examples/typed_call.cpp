// A function called in another process: its value comes back, and so does its error, with code and
// hint. A wrong argument, such as kDivide("six", 3), does not compile.
#include <cerrno>
#include <cstdio>

#include "reexec/function.h"

namespace {

using mycontainer::Error;
using mycontainer::Failure;
using mycontainer::Result;

Result<int> divide(int dividend, int divisor) {
  if (divisor == 0) return Failure(Error{"divide by zero", EDOM, "choose another divisor", 0});
  return dividend / divisor;
}

constexpr mycontainer::reexec::Function<&divide> kDivide{"divide"};
constexpr auto kEntries = mycontainer::reexec::table(kDivide.entry("typed_call"));

void show(int dividend, int divisor) {
  const Result<int> quotient = kDivide(dividend, divisor);
  if (quotient) {
    std::printf("%d / %d = %d\n", dividend, divisor, *quotient);
  } else {
    std::printf("%d / %d: %s; %s\n", dividend, divisor, quotient.error().message().c_str(),
                quotient.error().hint.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = mycontainer::reexec::dispatch(argc, argv, kEntries)) return *code;
  show(6, 3);
  show(6, 0);
}
