// Lists of CPUs and memory nodes as the kernel and the runtime specification write them: "0-3,7".
// Pure; used by validate() and by whoever hands the numbers to the kernel.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::oci {

// No machine has more CPUs or memory nodes; larger numbers are refused.
inline constexpr std::uint32_t kMaxListedNumber = 8191;

// The numbers as a bit mask, number N in bit N % 64 of word N / 64, with no more words than needed.
// Spaces and newlines around a part are allowed, as in cpuset(7). An empty list is an empty mask.
Result<std::vector<std::uint64_t>> parse_number_list(std::string_view text);

}  // namespace mycontainer::runtime::oci
