// Events as Docker shows them, and which of them. Pure but for the local time zone.
#pragma once

#include <string>

#include "cmd/list/filters.h"
#include "cmd/print/json.h"
#include "reexec/sys/error.h"
#include "runtime/state/event_log.h"

namespace mycontainer::cmd::list {

// "2026-11-20T16:35:59.000000000Z container start ID (image=busybox, name=web)".
std::string event_line(const runtime::state::Event& event);

// Docker's: {"status", "id", "from", "Type", "Action", "Actor": {...}, "scope", "time", "timeNano"}.
print::Json event_document(const runtime::state::Event& event);

// Names and values that mean nothing are errors.
Result<void> check_event_filters(const Filters& filters);
bool takes_event(const Filters& filters, const runtime::state::Event& event);

}  // namespace mycontainer::cmd::list
