#include "cmd/print/table.h"

#include <algorithm>
#include <deque>

#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

constexpr std::size_t kGap = 3;

struct Cell {
  std::string_view text;
  std::size_t width = 0;  // its own, then its column's
  std::size_t fill = 0;
};
using Line = std::vector<Cell>;

Cell cell_of(std::string_view text) { return {text, display_width(text), 0}; }

Line split_line(std::string_view text) {
  Line cells;
  while (true) {
    const std::size_t tab = text.find('\t');
    cells.push_back(cell_of(text.substr(0, tab)));
    if (tab == std::string_view::npos) return cells;
    text.remove_prefix(tab + 1);
  }
}

// A line has a cell in `column` when another follows it.
bool reaches(const Line& line, std::size_t column) { return column + 1 < line.size(); }

void fill_column(std::span<Line> lines, std::size_t column, std::size_t least_width) {
  for (std::size_t first = 0; first < lines.size();) {
    std::size_t end = first, width = least_width;
    for (; end < lines.size() && reaches(lines[end], column); ++end) {
      width = std::max(width, lines[end][column].width + kGap);
    }
    for (std::size_t at = first; at < end; ++at) {
      lines[at][column].fill = width - lines[at][column].width;
    }
    first = end + 1;
  }
}

std::string join_lines(std::span<Line> lines, std::size_t least_width = kLeastWidth) {
  std::size_t columns = 0;
  for (const Line& line : lines) columns = std::max(columns, line.size());
  for (std::size_t column = 0; column + 1 < columns; ++column) {
    fill_column(lines, column, least_width);
  }
  std::size_t size = lines.size();
  for (const Line& line : lines) {
    for (const Cell& cell : line) size += cell.text.size() + cell.fill;
  }
  std::string text;
  text.reserve(size);
  for (const Line& line : lines) {
    for (const Cell& cell : line) text.append(cell.text).append(cell.fill, ' ');
    text += '\n';
  }
  return text;
}

}  // namespace

std::string align_tabs(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(split_line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return join_lines(lines);
}

std::string table(std::span<const Row> rows, std::size_t least_width) {
  std::deque<std::string> changed;  // the few cells that are not shown as they are
  std::vector<Line> lines;
  lines.reserve(rows.size());
  for (const Row& row : rows) {
    Line& line = lines.emplace_back();
    line.reserve(row.size());
    for (const std::string& cell : row) {
      line.push_back(cell_of(is_plain(cell) ? cell : changed.emplace_back(visible(cell))));
    }
  }
  return join_lines(lines, least_width);
}

}  // namespace mycontainer::cmd::print
