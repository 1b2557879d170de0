// Durations, sizes and times as Docker's users read them (go-units, Go's time). Pure.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/state/record.h"

namespace mycontainer::cmd::print {

using runtime::state::Nanoseconds;

// "Less than a second", "About a minute", "3 hours", "2 weeks".
std::string human_duration(Nanoseconds duration);

// Of 1000s: "0B", "1.09kB", "12.3MB"; `digits` are the significant ones (Docker's ps: 3, df: 4).
std::string human_size(std::uint64_t bytes, int digits = 4);
// Of 1024s: "7.76GiB".
std::string binary_size(std::uint64_t bytes);

// With the local time's offset and always nine digits, as `events` has it:
// "2026-11-20T16:35:59.000000000+01:00", "...Z" for UTC.
std::string local_time_nano(Nanoseconds time);
// "2026-11-20 16:35:59 +0000 UTC": CreatedAt.
std::string local_time_words(Nanoseconds time);

}  // namespace mycontainer::cmd::print
