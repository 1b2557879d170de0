// fork and a waiting loop that does not block: the parent counts on while the child sleeps, then
// reaps it. Each has its own copy of the variable.
#include <chrono>
#include <cstdio>
#include <thread>

#include "reexec/fork_function.h"

namespace {

using namespace std::chrono_literals;
using mycontainer::reexec::Process;

int report(const mycontainer::Error& error) {
  std::fprintf(stderr, "fork_wait: %s\n", error.message().c_str());
  return 1;
}

int count_until_end(Process& child) {
  for (int count = 0;; ++count) {
    const auto status = child.try_wait();
    if (!status) return report(status.error());
    if (*status) {
      std::printf("parent: counted %s while the child ran; it %s\n", count > 0 ? "on" : "nothing",
                  (*status)->describe().c_str());
      return count > 0 ? 0 : 1;
    }
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace

int main() {
  int variable = 0;
  auto child = mycontainer::reexec::fork_function([&variable] {
    variable += 2;
    std::printf("child: variable = %d\n", variable);
    std::fflush(stdout);
    std::this_thread::sleep_for(200ms);
    return variable;
  });
  if (!child) return report(child.error());
  const int code = count_until_end(*child);
  std::printf("parent: variable = %d\n", variable);
  return code;
}
