// Columns under each other, as Docker prints them. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mycontainer::cmd::print {

// Turns the tabs of `text` into columns: a cell that ends with a tab is at least ten columns wide
// and three wider than the widest one under or above it, as far as neighbouring lines have one (Go's
// text/tabwriter, as Docker's lists use it).
std::string align_tabs(std::string_view text);

// The same for cells that are known apart; what is not printable in them is made visible. The last
// cell of a row is not filled up.
using Row = std::vector<std::string>;
inline constexpr std::size_t kLeastWidth = 10;
std::string table(std::span<const Row> rows, std::size_t least_width = kLeastWidth);

}  // namespace mycontainer::cmd::print
