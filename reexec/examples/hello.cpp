// Parent and child: the program starts a second copy of itself under the name of an entry. In the
// child argv[0] is that name, and main is never entered beyond its first line.
#include <cstdio>

#include "reexec/command.h"
#include "reexec/registry.h"

namespace {

using mycontainer::reexec::Command;
using mycontainer::reexec::Entry;
using mycontainer::reexec::Invocation;

int child(Invocation& self) {
  std::printf("[%.*s]\nChildProcess\n", static_cast<int>(self.name.size()), self.name.data());
  return 0;
}

constexpr auto kEntries = mycontainer::reexec::table(Entry{"childProcess", child, "hello"});

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = mycontainer::reexec::dispatch(argc, argv, kEntries)) return *code;
  std::printf("[%s]\nParentProcess\n", argv[0]);
  std::fflush(stdout);
  const auto status = Command::entry("childProcess").run();
  if (!status) {
    std::fprintf(stderr, "hello: %s\n", status.error().message().c_str());
    return 1;
  }
  return status->shell_code();
}
