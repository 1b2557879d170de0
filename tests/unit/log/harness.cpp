#include "harness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/log/record_text.h"
#include "runtime/log/time_text.h"

namespace mycontainer::runtime::log::testing {

Directory::Directory(const std::string& at) : path_(at + "/log-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
  fd_.reset(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Directory::~Directory() { EXPECT_TRUE(sys::remove_tree_at(AT_FDCWD, path_)); }

std::string Directory::file(const std::string& name) const {
  return sys::read_file_at(fd(), name, 1 << 30).value_or("");
}

void Directory::put(const std::string& name, std::string_view bytes) const {
  ASSERT_TRUE(sys::write_file_at(fd(), name, bytes, O_WRONLY | O_CREAT | O_TRUNC, 0600));
}

void Directory::append(const std::string& name, std::string_view bytes) const {
  ASSERT_TRUE(sys::write_file_at(fd(), name, bytes, O_WRONLY | O_CREAT | O_APPEND, 0600));
}

bool Directory::has(const std::string& name) const {
  return ::faccessat(fd(), name.c_str(), F_OK, 0) == 0;
}

state::LogSettings settings(std::uint64_t max_size, unsigned max_files) {
  state::LogSettings settings;
  settings.max_size = max_size;
  settings.max_files = max_files;
  return settings;
}

Writer open(const Directory& directory, const state::LogSettings& settings) {
  auto writer = Writer::open(directory.fd(), settings);
  EXPECT_TRUE(writer) << writer.error().message();
  return *std::move(writer);
}

std::string line(std::string_view text, state::Nanoseconds seconds) {
  std::string out;
  TimeText time;
  append_record(out, 1, text, time.of(seconds * kSecond));
  return out;
}

std::vector<Record> records(const Directory& directory, const ReadRequest& request) {
  std::vector<Record> found;
  const auto done = read(directory.fd(), request, [&](const Entry& entry) {
    found.push_back({entry.stream, std::string(entry.time), std::string(entry.text)});
    return true;
  });
  EXPECT_TRUE(done) << done.error().message();
  return found;
}

std::string text(const Directory& directory, const ReadRequest& request) {
  std::string all;
  for (const Record& record : records(directory, request)) all += record.text;
  return all;
}

}  // namespace mycontainer::runtime::log::testing
