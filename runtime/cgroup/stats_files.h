// Reading the numbers in cgroup files. Parent side; pure but for the reading.
//
// What is not there, or cannot be read, is nothing and no error: which files a host has depends on
// its version, options and controllers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cgroup/leaf.h"
#include "runtime/cgroup/stats.h"

namespace mycontainer::runtime::cgroup {

// Calls `use` with each line of `text`.
template <class Use>
void for_each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// The words of a line, split at spaces.
std::vector<std::string_view> words_of(std::string_view line);

// A number; "max" is kNoLimit. Nothing for anything else.
std::optional<std::uint64_t> parse_count(std::string_view word);

// "key value" on each line.
std::map<std::string, std::uint64_t> parse_counts(std::string_view text);

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and the same for "full".
std::optional<Pressure> parse_pressure(std::string_view text);

// "0-2,5" -> 0 1 2 5; empty for what is no such list.
std::vector<std::uint16_t> parse_cpu_list(std::string_view text);

// "8:0 Read 4096", without the line of the sums; "8:0 4096" has no operation.
std::vector<BlkioEntry> parse_blkio(std::string_view text);

// "mlx4_0 hca_handle=2 hca_object=max".
std::map<std::string, RdmaEntry> parse_rdma(std::string_view text);

// The count of `key`, or 0.
std::uint64_t at(const std::map<std::string, std::uint64_t>& counts, const char* key);

std::string read_text(const Leaf& leaf, const std::string& file);
std::uint64_t read_count(const Leaf& leaf, const std::string& file);
std::map<std::string, std::uint64_t> read_counts(const Leaf& leaf, const std::string& file);
// hugetlb's page sizes in this leaf, "2MB", by the files that end in `suffix`.
std::vector<std::string> page_sizes(const Leaf& leaf, std::string_view suffix);

// One version's part of Cgroup::stats(): adds what this leaf counts.
void add_v1_stats(const Leaf& leaf, Stats& stats);
void add_v2_stats(const Leaf& leaf, Stats& stats);

}  // namespace mycontainer::runtime::cgroup
