// What the verbs of `network` have in common: a network as a document. Pure, but for plain_error().
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cmd/print/json.h"
#include "reexec/sys/error.h"
#include "runtime/lifecycle/networks.h"

namespace mycontainer::cmd {

// As `network inspect` prints it; `members` may have those of other networks, too.
print::Json network_document(
    const runtime::network::Definition& network,
    const std::multimap<std::string, runtime::lifecycle::NetworkMember>& members);

// "Deleted Networks:", a name a line, and an empty line; nothing when there are none.
std::string networks_pruned_text(const runtime::lifecycle::NetworksPruned& pruned);

// Without the number behind what says everything already: that it is not there, or is used, or
// that its subnet is.
Error plain_network_error(Error error);

}  // namespace mycontainer::cmd
