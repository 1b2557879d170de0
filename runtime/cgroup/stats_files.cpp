#include "runtime/cgroup/stats_files.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cpuset.h"

namespace mycontainer::runtime::cgroup {

namespace {

// "avg10=0.25": the part after the key, when it is this key.
std::string_view value_of(std::string_view word, std::string_view key) {
  const bool is_key = word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=';
  return is_key ? word.substr(key.size() + 1) : std::string_view();
}

void read_average(std::string_view word, std::string_view key, double& average) {
  const std::string_view value = value_of(word, key);
  if (!value.empty()) std::from_chars(value.data(), value.data() + value.size(), average);
}

PressureLine parse_pressure_line(const std::vector<std::string_view>& words) {
  PressureLine line;
  for (const std::string_view word : words) {
    read_average(word, "avg10", line.avg10);
    read_average(word, "avg60", line.avg60);
    read_average(word, "avg300", line.avg300);
    if (const auto total = parse_count(value_of(word, "total"))) line.total = *total;
  }
  return line;
}

// Fills in major and minor from "8:0".
bool parse_device(std::string_view text, BlkioEntry& entry) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto major = parse_count(text.substr(0, colon)),
             minor = parse_count(text.substr(colon + 1));
  if (!major || !minor) return false;
  entry.major = *major;
  entry.minor = *minor;
  return true;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(" \n"), line.size());
    if (end != 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::optional<std::uint64_t> parse_count(std::string_view word) {
  if (word == "max") return kNoLimit;
  std::uint64_t number = 0;
  const char* const last = word.data() + word.size();
  const auto [end, code] = std::from_chars(word.data(), last, number);
  if (word.empty() || code != std::errc() || end != last) return {};
  return number;
}

std::map<std::string, std::uint64_t> parse_counts(std::string_view text) {
  std::map<std::string, std::uint64_t> counts;
  for_each_line(text, [&](std::string_view line) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return;
    if (const auto count = parse_count(line.substr(space + 1))) {
      counts.emplace(line.substr(0, space), *count);
    }
  });
  return counts;
}

std::optional<Pressure> parse_pressure(std::string_view text) {
  std::optional<Pressure> pressure;
  for_each_line(text, [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.empty() || (words[0] != "some" && words[0] != "full")) return;
    if (!pressure) pressure.emplace();
    (words[0] == "some" ? pressure->some : pressure->full) = parse_pressure_line(words);
  });
  return pressure;
}

std::vector<std::uint16_t> parse_cpu_list(std::string_view text) {
  std::vector<std::uint16_t> list;
  const auto numbers = parse_number_list(text);
  if (!numbers) return list;
  for (const unsigned number : *numbers) list.push_back(static_cast<std::uint16_t>(number));
  return list;
}

std::vector<BlkioEntry> parse_blkio(std::string_view text) {
  std::vector<BlkioEntry> entries;
  for_each_line(text, [&](std::string_view line) {
    const auto words = words_of(line);
    BlkioEntry entry;
    if (words.size() < 2 || words.size() > 3 || !parse_device(words[0], entry)) return;
    if (words.size() == 3) entry.op = words[1];
    const auto value = parse_count(words.back());
    if (!value) return;
    entry.value = *value;
    entries.push_back(std::move(entry));
  });
  return entries;
}

std::map<std::string, RdmaEntry> parse_rdma(std::string_view text) {
  std::map<std::string, RdmaEntry> devices;
  for_each_line(text, [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.empty()) return;
    RdmaEntry& entry = devices[std::string(words[0])];
    for (const std::string_view word : words) {
      if (const auto count = parse_count(value_of(word, "hca_handle"))) entry.hca_handles = *count;
      if (const auto count = parse_count(value_of(word, "hca_object"))) entry.hca_objects = *count;
    }
  });
  return devices;
}

std::uint64_t at(const std::map<std::string, std::uint64_t>& counts, const char* key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

std::string read_text(const Leaf& leaf, const std::string& file) {
  return sys::read_file_at(leaf.dir.get(), file).value_or(std::string());
}

std::uint64_t read_count(const Leaf& leaf, const std::string& file) {
  const std::string text = read_text(leaf, file);
  const auto words = words_of(text);
  return words.empty() ? 0 : parse_count(words[0]).value_or(0);
}

std::map<std::string, std::uint64_t> read_counts(const Leaf& leaf, const std::string& file) {
  return parse_counts(read_text(leaf, file));
}

std::vector<std::string> page_sizes(const Leaf& leaf, std::string_view suffix) {
  constexpr std::string_view kPrefix = "hugetlb.";
  std::vector<std::string> sizes;
  UniqueFd fd(::openat(leaf.dir.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* directory = fd ? ::fdopendir(fd.get()) : nullptr;
  if (directory == nullptr) return sizes;
  std::ignore = fd.release();  // closedir() closes it
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(directory, ::closedir);
  while (const dirent* entry = ::readdir(directory)) {
    std::string_view name = entry->d_name;
    if (!name.starts_with(kPrefix) || !name.ends_with(suffix)) continue;
    name.remove_prefix(kPrefix.size());
    name.remove_suffix(std::min(suffix.size(), name.size()));
    if (!name.empty() && name.find('.') == std::string_view::npos) sizes.emplace_back(name);
  }
  std::ranges::sort(sizes);
  return sizes;
}

}  // namespace mycontainer::runtime::cgroup
