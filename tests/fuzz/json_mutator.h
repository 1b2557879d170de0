// Changes a JSON text as a tree, so that the result is JSON again and reaches what lies behind the
// parser. For libFuzzer's custom mutator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mycontainer::fuzz {

// `text` with one or two small changes: a value removed, doubled, replaced by another one of the
// same text or by an awkward constant, moved under another key; a key renamed. The same `seed` makes
// the same change. Nothing (an empty string) when the text is no JSON object, or for a bound on
// depth.
std::string mutate_json(std::string_view text, std::uint32_t seed);

}  // namespace mycontainer::fuzz
