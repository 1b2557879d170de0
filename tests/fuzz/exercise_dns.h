// What the fuzzer does with one packet that a container sent to its name service (runtime/network/dns). No
// system call is made here.
#pragma once

#include <string_view>

#include "tests/fuzz/exercise.h"

namespace mycontainer::fuzz {

// A question that is read has its bytes from the packet, and is answered, as long as it may be, by what is
// itself an answer to it; what is refused is refused with a header. A reverse name's address has it.
Outcome exercise_dns(std::string_view packet);

}  // namespace mycontainer::fuzz
