#include "runtime/log/reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/log/changes.h"
#include "runtime/log/files.h"
#include "runtime/log/record_text.h"
#include "runtime/log/time_text.h"

namespace mycontainer::runtime::log {
namespace {

// The longest line that is looked at: a record of kLongestRecord bytes, all of them escaped, is
// 98 KiB long.
constexpr std::size_t kBufferSize = 256 << 10;

// A file, and how far it was read. Always from the beginning of a line: one that was not whole yet
// is read again, because its writer may take it back (a full disk).
struct Source {
  LogFile file;
  off_t offset = 0;
  bool skips = false;  // in the middle of a line that is too long to be a record
};

class Reading {
 public:
  Reading(int directory, const ReadRequest& request, const std::function<bool(const Entry&)>& take)
      : directory_(directory),
        request_(request),
        take_(take),
        since_(TimeText().of(request.since)),
        until_(TimeText().of(request.until)) {}

  Result<void> run();

 private:
  Result<void> open();
  Result<void> skip_to_tail();
  Result<std::uint64_t> tail_of(Source& source, std::uint64_t wanted);
  Result<void> drain_all();
  Result<void> drain(Source& source);
  std::size_t pass_lines(Source& source, std::size_t size);
  void pass(char* line, std::size_t size);
  [[nodiscard]] bool in_bounds(std::string_view time) const;
  Result<bool> find_younger();
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] off_t end_of(const Source& source) const;

  int directory_;
  const ReadRequest& request_;
  const std::function<bool(const Entry&)>& take_;
  std::string since_, until_;
  std::vector<Source> sources_{};  // oldest first
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kBufferSize);
  RecordParser parser_{};
  bool stopped_ = false;  // by `take`
};

state::Nanoseconds time_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return state::Nanoseconds{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Result<void> Reading::run() {
  Changes changes(request_.follow ? directory_ : -1);
  TRY_VOID(open());
  if (request_.tail) TRY_VOID(skip_to_tail());
  bool last_time = !request_.follow;
  while (true) {
    TRY_VOID(drain_all());
    if (stopped_) return {};
    if (request_.follow) {
      TRY(const bool more, find_younger());
      if (more) continue;
    }
    if (last_time) return {};
    last_time = is_over();
    if (!last_time) changes.wait();
  }
}

// What is still to come when the container has ended is in the files already: one more look.
bool Reading::is_over() const {
  if (request_.until != 0 && time_now() > request_.until) return true;
  return !request_.goes_on || !request_.goes_on();
}

Result<void> Reading::open() {
  TRY(auto files, open_files(directory_));
  if (files.empty()) return fail_code(ENOENT, "open the log");
  for (auto& file : files) sources_.push_back({std::move(file)});
  return {};
}

// Drops what comes before the last so many lines.
Result<void> Reading::skip_to_tail() {
  std::uint64_t wanted = *request_.tail;
  for (auto source = sources_.rbegin(); source != sources_.rend(); ++source) {
    TRY(const std::uint64_t found, tail_of(*source, wanted));
    wanted -= found;
  }
  return {};
}

// Sets the offset so that at most `wanted` lines follow; how many do.
Result<std::uint64_t> Reading::tail_of(Source& source, std::uint64_t wanted) {
  std::uint64_t newlines = 0;
  for (off_t end = source.file.size; end > 0;) {
    const off_t begin = std::max<off_t>(0, end - off_t{kBufferSize});
    const ssize_t got =
        ::pread(source.file.fd.get(), buffer_.get(), static_cast<std::size_t>(end - begin), begin);
    if (got < 0) return fail_errno("read the log");
    std::string_view chunk(buffer_.get(), static_cast<std::size_t>(got));
    for (std::size_t at; (at = chunk.rfind('\n')) != std::string_view::npos;) {
      if (newlines++ == wanted) {
        source.offset = begin + static_cast<off_t>(at) + 1;
        return wanted;
      }
      chunk = chunk.substr(0, at);
    }
    end = begin;
  }
  return newlines;
}

Result<void> Reading::drain_all() {
  while (!stopped_) {
    TRY_VOID(drain(sources_.front()));
    if (sources_.size() == 1) return {};
    sources_.erase(sources_.begin());
  }
  return {};
}

// Without `follow`, what is written from now on is not for this reader, who might never end.
off_t Reading::end_of(const Source& source) const {
  return request_.follow ? INT64_MAX : source.file.size;
}

// Passes on all whole lines from the offset to the end.
Result<void> Reading::drain(Source& source) {
  while (!stopped_) {
    const off_t left = end_of(source) - source.offset;
    const auto most = static_cast<std::size_t>(std::min(left, off_t{kBufferSize}));
    const ssize_t got = ::pread(source.file.fd.get(), buffer_.get(), most, source.offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read the log");
    if (got == 0) {
      struct stat status {};
      const bool is_cut = request_.follow && ::fstat(source.file.fd.get(), &status) == 0 &&
                          status.st_size < source.offset;
      if (!is_cut) return {};
      source.offset = 0;  // somebody has emptied it
      continue;
    }
    const std::size_t used = pass_lines(source, static_cast<std::size_t>(got));
    if (used == 0) return {};
    source.offset += static_cast<off_t>(used);
  }
  return {};
}

// How many of the buffer's first `size` bytes are done with.
std::size_t Reading::pass_lines(Source& source, std::size_t size) {
  char* line = buffer_.get();
  char* const end = line + size;
  while (!stopped_) {
    auto* const newline =
        static_cast<char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line)));
    if (newline == nullptr) break;
    if (!std::exchange(source.skips, false)) pass(line, static_cast<std::size_t>(newline - line));
    line = newline + 1;
  }
  if (line == buffer_.get() && size == kBufferSize) {
    source.skips = true;
    return size;
  }
  return static_cast<std::size_t>(line - buffer_.get());
}

void Reading::pass(char* line, std::size_t size) {
  RecordParser::Fields fields;
  if (!parser_.parse(line, size, fields) || !in_bounds(fields.time)) return;
  stopped_ = !take_({fields.stream, fields.time, fields.text});
}

bool Reading::in_bounds(std::string_view time) const {
  if (request_.since == 0 && request_.until == 0) return true;
  // Times as our writer makes them are in the order of their texts.
  if (time.size() == kTimeSize && time.ends_with('Z')) {
    return time >= since_ && (request_.until == 0 || time <= until_);
  }
  const auto when = parse_time(time);
  if (!when) return false;
  return *when >= request_.since && (request_.until == 0 || *when <= request_.until);
}

// After a rotation: the files that came after the one which was read to its end, and which nobody
// writes any more, but which has to be looked at once again.
Result<bool> Reading::find_younger() {
  const LogFile& current = sources_.back().file;
  if (is_youngest(directory_, current)) return false;
  TRY(auto files, open_files(directory_));
  const auto same = std::ranges::find_if(files, [&](const auto& f) { return f.is(current); });
  // Gone: so much was written since that everything there is younger.
  const auto first = same == files.end() ? files.begin() : same + 1;
  const bool found = first != files.end();
  for (auto file = first; file != files.end(); ++file) sources_.push_back({std::move(*file)});
  return found;
}

}  // namespace

Result<void> read(int directory, const ReadRequest& request,
                  const std::function<bool(const Entry&)>& take) {
  return Reading(directory, request, take).run();
}

}  // namespace mycontainer::runtime::log
