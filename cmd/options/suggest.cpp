#include "cmd/options/suggest.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mycontainer::cmd::options {
namespace {

using Row = std::vector<std::size_t>;

// The next row of the table of distances between all prefixes of `word` and of `other`.
Row next_row(std::string_view word, std::size_t i, std::string_view other, const Row& previous,
             const Row& before_previous) {
  Row row(other.size() + 1, i);
  for (std::size_t j = 1; j <= other.size(); ++j) {
    const std::size_t replaced = previous[j - 1] + (word[i - 1] == other[j - 1] ? 0 : 1);
    row[j] = std::min({previous[j] + 1, row[j - 1] + 1, replaced});
    const bool swapped =
        i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1];
    if (swapped) row[j] = std::min(row[j], before_previous[j - 2] + 1);
  }
  return row;
}

std::size_t distance(std::string_view word, std::string_view other) {
  Row before_previous, previous(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= word.size(); ++i) {
    Row row = next_row(word, i, other, previous, before_previous);
    before_previous = std::exchange(previous, std::move(row));
  }
  return previous.back();
}

}  // namespace

std::string_view suggest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view nearest;
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t steps = distance(word, candidate);
    if (steps >= best || steps >= candidate.size()) continue;
    best = steps;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace mycontainer::cmd::options
