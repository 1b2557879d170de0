// A container's directory in miniature, and short ways to write and read a log in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/unique_fd.h"
#include "runtime/log/reader.h"
#include "runtime/log/writer.h"

namespace mycontainer::runtime::log::testing {

inline constexpr state::Nanoseconds kSecond = 1'000'000'000;

// Made in /tmp, or where `at` says; removed at the end.
class Directory {
 public:
  explicit Directory(const std::string& at = "/tmp");
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  // The file's bytes; empty when it is not there.
  [[nodiscard]] std::string file(const std::string& name) const;
  void put(const std::string& name, std::string_view bytes) const;
  void append(const std::string& name, std::string_view bytes) const;
  [[nodiscard]] bool has(const std::string& name) const;

 private:
  std::string path_;
  UniqueFd fd_;
};

state::LogSettings settings(std::uint64_t max_size = 0, unsigned max_files = 3);
Writer open(const Directory& directory, const state::LogSettings& settings = testing::settings());

// A record as a line of the file, of a time in seconds.
std::string line(std::string_view text, state::Nanoseconds seconds = 1);

struct Record {
  int stream = 0;
  std::string time, text;
  bool operator==(const Record&) const = default;
};
std::vector<Record> records(const Directory& directory, const ReadRequest& request = {});
// All texts in a row.
std::string text(const Directory& directory, const ReadRequest& request = {});

}  // namespace mycontainer::runtime::log::testing
