// What the fuzzers do with one text: every pure stage between config.json and the plan that the
// container's first process gets, with what must hold between the stages. The unit tests replay the
// corpus through the same two functions. No system call is made here.
#pragma once

#include <string>
#include <string_view>

namespace mycontainer::fuzz {

// How one text fared. Crashes are the sanitizers' to find.
struct Outcome {
  std::string refusal;  // the error a user would read; empty: everything was planned
  std::string finding;  // what must never be: a defect; empty: none
};

// Read, written, read again: the same configuration. What validate() accepts is planned (plan_start,
// plan_init, the cgroup's settings and device program, the seccomp filter), from both with the same
// result; the plan survives its way over the channel, a truncated one is refused; no string in it
// hides something behind a NUL byte; the filter is a program the kernel would take and answers
// calls as its policy says.
Outcome exercise_config(std::string_view text);

// The same for the process.json of exec, with plan_exec.
Outcome exercise_process(std::string_view text);

}  // namespace mycontainer::fuzz
