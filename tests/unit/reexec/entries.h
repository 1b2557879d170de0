// The hidden entries of the test program.
#pragma once

#include <string>
#include <vector>

#include "reexec/function.h"
#include "reexec/registry.h"
#include "tests/unit/reexec/look.h"

namespace mycontainer::reexec::testing {

int add(int a, int b);
Result<int> divide(int dividend, int divisor);
Result<void> refuse(const std::string& reason);
std::vector<std::string> repeat(std::string text, unsigned count);
void touch(const std::string& path);
int crash(int signal);

inline constexpr Function<&add> kAdd{"add"};
inline constexpr Function<&divide> kDivide{"divide"};
inline constexpr Function<&refuse> kRefuse{"refuse"};
inline constexpr Function<&repeat> kRepeat{"repeat"};
inline constexpr Function<&touch> kTouch{"touch"};
inline constexpr Function<&crash> kCrash{"crash"};

// exit-with CODE; echo: sends each message back until the channel closes; wait: until then only.
int exit_with(Invocation& invocation);
int echo(Invocation& invocation);
int wait_for_close(Invocation& invocation);
// Starts a sleeping grandchild that keeps descriptor 1 open, prints "done" and exits.
int leave_grandchild(Invocation& invocation);
// Starts a child with a death signal, sends its pidfd, and exits at the next message.
int have_child(Invocation& invocation);
// As PID 1 of its namespace: starts children in every way and reports 0 when all went well.
int be_init(Invocation& invocation);
// With SIGCHLD ignored from birth.
int start_while_ignoring(Invocation& invocation);

inline constexpr auto kEntries =
    table(kLook.entry(), kAdd.entry(), kDivide.entry("calculator divide"), kRefuse.entry(),
          kRepeat.entry(), kTouch.entry(), kCrash.entry(), Entry{"exit-with", exit_with},
          Entry{"echo", echo}, Entry{"wait-for-close", wait_for_close},
          Entry{"leave-grandchild", leave_grandchild}, Entry{"have-child", have_child},
          Entry{"be-init", be_init}, Entry{"start-while-ignoring", start_while_ignoring});

}  // namespace mycontainer::reexec::testing
