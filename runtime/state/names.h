// Names as symbolic links, claimed and released atomically. What a link says is owner_of_name()'s to
// read (store.h). Private to runtime/state.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/roots.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::state {

// Makes `name` mean `id`; an error in Docker's words when it is another container's. A name whose
// container is gone (its maker was killed) is taken over, and that of a killed `run --rm` after
// collecting it.
Result<void> claim_name(const Roots& roots, const std::string& name, const std::string& id,
                        const RemoveForeignTree& remove_foreign);

// Lets go of a name that `id` has claimed; one that is another's is left alone. Atomic among all
// who release names.
void release_name(const Roots& roots, const std::string& name, const std::string& id);
// All that `id` has claimed, where no record says which.
void release_names_of(const Roots& roots, const std::string& id);

}  // namespace mycontainer::runtime::state
