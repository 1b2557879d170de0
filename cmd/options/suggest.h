// "Did you mean": the known word nearest to a mistyped one. Pure.
#pragma once

#include <span>
#include <string_view>

namespace mycontainer::cmd::options {

// The candidate with the fewest insertions, removals, replacements and swaps of neighbours away
// from `word`: at most a third of its length, and at least one is allowed. Empty when none is near.
std::string_view suggest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace mycontainer::cmd::options
