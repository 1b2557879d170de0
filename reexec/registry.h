// The table of a program's hidden entries, and dispatch(), the first line of its main. Child side.
//
//   constexpr auto kEntries = reexec::table(Entry{"demo-child", child_main, "demo"});
//   int main(int argc, char** argv) {
//     if (auto code = reexec::dispatch(argc, argv, kEntries)) return *code;
//     ...
//   }
//
// An entry is reached only through Command::entry(): argv[0] names it *and* the starter's channel
// stands on descriptor 3. So nobody runs one by a symbolic link or a stray argv[0], and a program
// cannot start itself for ever.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "reexec/channel.h"
#include "reexec/sys/error.h"

namespace mycontainer::reexec {

// What an entry is given. `args` are argv[1] and on; `channel` is the end that Command made.
struct Invocation {
  std::string_view name{};
  std::span<char* const> args{};
  Channel channel{};
};

// One hidden entry. `run` returns the process's exit code. `instead` is the command a user who
// started the entry by hand is told to use ("mycontainer run"); it may be empty.
struct Entry {
  std::string_view name{};
  int (*run)(Invocation&) = nullptr;
  std::string_view instead{};
};

// What a hidden entry that was started by hand exits with (Docker's number for the engine's
// errors).
inline constexpr int kStartedByHand = 125;

// Whether a table is sound: nullptr, or what is wrong with it.
constexpr const char* table_defect(std::span<const Entry> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    if (entry.name.empty()) return "an entry has no name";
    if (entry.name.find('/') != std::string_view::npos) return "an entry's name contains '/'";
    if (entry.name.find('\0') != std::string_view::npos) return "an entry's name contains NUL";
    for (std::size_t j = 0; j < i; ++j) {
      if (entries[j].name == entry.name) return "two entries have the same name";
    }
  }
  return nullptr;
}

// A table built at compile time: a duplicate name, or one with '/', does not compile.
template <class... Entries>
consteval std::array<Entry, sizeof...(Entries)> table(Entries... entries) {
  const std::array<Entry, sizeof...(Entries)> result{entries...};
  if (table_defect(result) != nullptr) throw "reexec::table: duplicate or malformed entry name";
  return result;
}

// The same check for a table built at run time; the error names the entry.
Result<void> check_table(std::span<const Entry> entries);

// Runs the entry that argv[0] names and returns what it returned, or nullopt when argv[0] names
// none and main should go on. An entry without a channel is refused with one line on stderr and
// kStartedByHand; so is a table that is not sound. The channel is made close-on-exec at once.
std::optional<int> dispatch(int argc, char** argv, std::span<const Entry> entries);

// What Command puts into the channel first: proof that the child was started by us, and as what.
std::string hello_message(std::string_view name);
inline constexpr std::uint32_t kHelloType = 0x6f6c6c65;

}  // namespace mycontainer::reexec
