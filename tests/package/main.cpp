// Uses what is installed: an entry, a typed call, and a program whose output it reads.
#include <cstdio>

#include "reexec/function.h"
#include "reexec/sealed_self.h"

namespace {

using mycontainer::Result;
namespace reexec = mycontainer::reexec;

std::string twice(const std::string& text) { return text + text; }
constexpr reexec::Function<&twice> kTwice{"twice"};
constexpr auto kEntries = reexec::table(kTwice.entry());

Result<void> run() {
  TRY(const std::string text, kTwice(std::string("ab")));
  TRY(const reexec::Output output, reexec::Command::program("echo", {text}).output());
  TRY(const reexec::SealedSelf sealed, reexec::sealed_self(""));
  if (!sealed.fd || output.out != "abab\n") return mycontainer::fail("\"{}\"", output.out);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = reexec::dispatch(argc, argv, kEntries)) return *code;
  const auto result = run();
  if (!result) std::fprintf(stderr, "outside: %s\n", result.error().message().c_str());
  return result ? 0 : 1;
}
