// The quick way to read record.json: without a tree, and only as to_json() writes it. `ps` reads
// a thousand records with it in the time in which a tree is made of a hundred. Private to
// runtime/state. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/state/record.h"

namespace mycontainer::runtime::state {

// Nothing for a text of any other form, right or wrong, which is for a whole JSON parser to judge:
// with white space, unknown members, "\u" ...
std::optional<Record> scan_record(std::string_view text);

}  // namespace mycontainer::runtime::state
