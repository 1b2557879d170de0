// record.json of a live container: reading and writing it. Either side of a crash may have written
// it.
#pragma once

#include <string>
#include <string_view>

#include "runtime/state/live_container.h"

namespace mycontainer::runtime::state {

std::string to_json(const Record& record);
// Fields that are absent, of another type, or behind a torn end are left empty; this never fails.
Record from_json(std::string_view text);

}  // namespace mycontainer::runtime::state
