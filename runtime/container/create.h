// Creating containers and starting them (runtime.md, "Create" and "Start"). Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "runtime/container/settings.h"

namespace mycontainer::runtime::container {

struct CreateRequest {
  std::string id{};
  std::string bundle = ".";
  std::string console_socket{};    // gets the terminal's master end (runc's protocol); empty: none
  std::string pid_file{};          // gets the process's number; empty: none
  int preserved_fds = 0;           // descriptors 3 and on that become the program's
  std::vector<std::string> env{};  // added to what the configuration has
  bool no_pivot = false;
  bool no_new_keyring = false;
};

// Makes the container up to the point where only the user's program is missing; `start` does the
// rest. On failure nothing is left behind, and poststop hooks have run if there was a process.
Result<void> create(const CreateRequest& request, const Settings& settings);

// Lets a created container go on and returns when the program has been executed, or with the error
// why it was not: the container is then stopped, and waits to be deleted.
Result<void> start(const std::string& id, const Settings& settings);

struct RunRequest {
  CreateRequest create{};
  bool detach = false;  // return when the program runs
  bool keep = false;    // do not delete the container after its end
};

// create, start, and, unless detached, wait and delete. Returns the exit code: 0 when detached, else
// the program's, or 128 + the signal that killed it.
Result<int> run(const RunRequest& request, const Settings& settings);

}  // namespace mycontainer::runtime::container
