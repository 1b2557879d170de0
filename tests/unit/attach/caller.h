// A process that is attached: attach::run() in a forked process with the streams a test chooses,
// its monitor in the test itself.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "harness.h"
#include "runtime/attach/client.h"

namespace mycontainer::runtime::attach::testing {

struct Ends {
  UniqueFd near, far;  // near: the test's
};
Ends make_input();     // a pipe: far is its read end
Ends make_output();    // a pipe: far is its write end
Ends make_terminal();  // near is the master

struct Streams {
  int in = -1, out = -1, err = -1;  // -1: closed
};

class Caller {
 public:
  // In a process group of its own, so that it can be stopped.
  Caller(Monitor& monitor, const Streams& streams, ClientRequest request);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // Runs the monitor until `condition` holds; false after ten seconds.
  bool until(const std::function<bool()>& condition);
  bool until_attached();
  void send(int signal) const;
  // What came of it, one line each: "signal N" for each that was passed on; "ended N", "detached",
  // "died", "error TEXT (STATUS)" at last, or "killed N". Runs the monitor meanwhile.
  std::string finish();
  // The lines so far.
  const std::string& told();
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  Monitor& monitor_;
  pid_t pid_ = -1;
  UniqueFd report_;
  std::string told_;
};

ClientRequest everything();

}  // namespace mycontainer::runtime::attach::testing
