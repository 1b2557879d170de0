// A container as `stats` shows it: every column a text. Pure.
#pragma once

#include <optional>
#include <string>

#include "cmd/print/json.h"
#include "runtime/lifecycle/usage.h"

namespace mycontainer::cmd {

struct Measured {
  std::string id, name;
  std::string word;  // how the user called it; its id when he did not
  bool runs = false;
  // The last two readings; nothing where there is none, or nothing counts it.
  std::optional<runtime::lifecycle::Usage> before, now;
};

// Docker's fields: Container Name ID CPUPerc MemUsage MemPerc NetIO BlockIO PIDs. What is not known
// is "--"; what does not run uses nothing.
print::Json stats_document(const Measured& measured, bool truncates);
// The header of each field.
const print::Json& stats_headers();

}  // namespace mycontainer::cmd
