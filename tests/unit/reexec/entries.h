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
// Answers each message with what a child of its own computed.
int start_again(Invocation& invocation);
// seal-and-tell SCRATCH [FILE]: removes the file, seals itself, and sends by what.
int seal_and_tell(Invocation& invocation);
// As an ordinary user: what a child in a user namespace of its own sees of its ids, with our own
// id mapped alone, or with a range that only newuidmap could write (`range`); PATH is `path`.
Result<Look> look_in_user_namespace(bool range, std::string path);
inline constexpr Function<&look_in_user_namespace> kLookInUserNamespace{"look-in-user-namespace"};
// Under a filter that knows neither clone3 nor close_range (an old engine's, around us): what a
// child in a UTS namespace of its own sees, as user `user`.
Result<Look> look_without_new_calls(uid_t user);
inline constexpr Function<&look_without_new_calls> kLookWithoutNewCalls{"look-without-new-calls"};

inline constexpr auto kEntries =
    table(kLook.entry(), kAdd.entry(), kDivide.entry("calculator divide"), kRefuse.entry(),
          kRepeat.entry(), kTouch.entry(), kCrash.entry(), kLookInUserNamespace.entry(),
          kLookWithoutNewCalls.entry(), Entry{"exit-with", exit_with}, Entry{"echo", echo},
          Entry{"wait-for-close", wait_for_close}, Entry{"leave-grandchild", leave_grandchild},
          Entry{"have-child", have_child}, Entry{"be-init", be_init},
          Entry{"start-while-ignoring", start_while_ignoring}, Entry{"start-again", start_again},
          Entry{"seal-and-tell", seal_and_tell});

}  // namespace mycontainer::reexec::testing
