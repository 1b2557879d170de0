#include "runtime/cgroup/cpuset.h"

#include <fcntl.h>

#include <algorithm>
#include <charconv>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr unsigned kMaxNumber = 65535;

std::string_view trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \n");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

Result<unsigned> parse_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number > kMaxNumber) {
    return fail("\"{}\" is not a number from 0 to {}", text, kMaxNumber);
  }
  return number;
}

// v2's and v1's name of the file that says what the cgroup may really use.
Result<std::string> read_effective(int dir, const std::string& file) {
  auto effective = sys::read_file_at(dir, file + ".effective");
  if (effective) return effective;
  return sys::read_file_at(dir, "cpuset.effective_" + file.substr(file.find('.') + 1));
}

}  // namespace

Result<void> inherit_cpuset(int parent, int child) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    TRY(const std::string own, sys::read_file_at(child, file));
    if (!trimmed(own).empty()) continue;
    TRY(const std::string inherited, sys::read_file_at(parent, file));
    TRY_VOID(sys::write_file_at(child, file, trimmed(inherited)));
  }
  return {};
}

Result<std::vector<unsigned>> parse_number_list(std::string_view text) {
  std::vector<unsigned> numbers;
  text = trimmed(text);
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view range = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t dash = range.find('-');
    TRY(const unsigned first, parse_number(range.substr(0, dash)));
    unsigned last = first;
    if (dash != std::string_view::npos) {
      TRY(last, parse_number(range.substr(dash + 1)));
    }
    if (last < first) return fail("\"{}\" is not a range", range);
    for (unsigned number = first; number <= last; ++number) numbers.push_back(number);
  }
  return numbers;
}

Result<void> check_cpuset(int dir, const Setting& setting) {
  auto wanted = parse_number_list(setting.value);
  if (!wanted) return within(setting.flag, std::move(wanted).error());
  TRY(const std::string text, read_effective(dir, setting.file));
  TRY(const std::vector<unsigned> available, parse_number_list(text));
  for (const unsigned number : *wanted) {
    if (std::ranges::find(available, number) == available.end()) {
      return fail("{} {}: {} is not available here, only {}", setting.flag, setting.value, number,
                  trimmed(text));
    }
  }
  return {};
}

}  // namespace mycontainer::runtime::cgroup
