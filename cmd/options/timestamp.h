// A moment as Docker's --since, --until and `until` filters take it. Pure but for the local time zone.
#pragma once

#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"

namespace mycontainer::cmd::options {

// A span of time before `now` ("10m", "1h30m", "1.5h"), a date with or without time, fraction and
// zone ("2026-11-20", "2026-11-20T16:35", "2026-11-20T16:35:59.123Z", "...+01:00"; without a zone the
// local one), or seconds since 1970 ("1795192559", "1795192559.5").
Result<runtime::state::Nanoseconds> parse_timestamp(std::string_view text,
                                                    runtime::state::Nanoseconds now);

}  // namespace mycontainer::cmd::options
