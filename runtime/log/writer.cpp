#include "runtime/log/writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "runtime/log/files.h"
#include "runtime/log/record_text.h"
#include "runtime/log/time_text.h"

namespace mycontainer::runtime::log {
namespace {

constexpr std::size_t kEnough = 32 << 10;  // bytes of records that are worth a write(2)
constexpr std::size_t kKept = 48 << 10;    // of memory between two calls

Result<off_t> size_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail_errno("look at {}", kLogName);
  if (!S_ISREG(status.st_mode)) return fail("{} is no regular file", kLogName);
  return status.st_size;
}

// Where the last whole line of the first `size` bytes ends.
Result<off_t> end_of_lines(int fd, off_t size) {
  std::array<char, 4096> buffer;
  while (size > 0) {
    const off_t begin = std::max<off_t>(0, size - off_t{buffer.size()});
    const ssize_t got = ::pread(fd, buffer.data(), static_cast<std::size_t>(size - begin), begin);
    if (got <= 0) return fail_errno("read {}", kLogName);
    const void* last = ::memrchr(buffer.data(), '\n', static_cast<std::size_t>(got));
    if (last != nullptr) return begin + (static_cast<const char*>(last) - buffer.data()) + 1;
    size = begin;
  }
  return 0;
}

struct OpenLog {
  UniqueFd fd;
  std::uint64_t size = 0;
};

// The file of the moment, without its torn last line.
Result<OpenLog> open_log(int directory) {
  TRY(auto fd, sys::open_at(directory, kLogName,
                            O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0600));
  TRY(const off_t size, size_of(fd.get()));
  TRY(const off_t end, end_of_lines(fd.get(), size));
  if (end < size && ::ftruncate(fd.get(), end) != 0) return fail_errno("cut {}", kLogName);
  return OpenLog{std::move(fd), static_cast<std::uint64_t>(end)};
}

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

}  // namespace

struct Writer::Impl {
  UniqueFd directory{};
  UniqueFd file{};  // none: the driver "none"
  std::uint64_t size = 0;
  std::uint64_t max_size = 0;
  unsigned max_files = 1;
  std::array<std::string, 2> unfinished{};  // of standard output and of standard error
  std::string records{};                    // to be written
  TimeText time_text{};
  std::uint64_t lost = 0;
  std::uint64_t untold = 0;  // of them, those no record tells of yet
  bool telling = false;      // `records` begins with one that does
  int why = 0;               // the errno of the last loss

  void take(int stream, std::string_view bytes, state::Nanoseconds time);
  void add(int stream, std::string_view text, state::Nanoseconds time);
  void tell_lost(state::Nanoseconds time);
  void make_room();
  void put();
  std::size_t put_whole(std::string_view bytes);
  void release();
};

// A record for each line, and one for each kLongestRecord bytes of a longer line.
void Writer::Impl::take(int stream, std::string_view bytes, state::Nanoseconds time) {
  std::string& begun = unfinished[stream == 2 ? 1 : 0];
  while (!bytes.empty()) {
    const std::size_t room = kLongestRecord - begun.size();
    const std::size_t newline = bytes.substr(0, room).find('\n');
    const bool is_line = newline != std::string_view::npos;
    std::size_t part = is_line ? newline + 1 : std::min(room, bytes.size());
    if (!is_line && part < room) {
      begun += bytes;
      return;
    }
    if (begun.empty()) {
      if (!is_line) part -= unfinished_character(bytes.substr(0, part));
      add(stream, bytes.substr(0, part), time);
    } else {
      begun += bytes.substr(0, part);
      const std::size_t kept = is_line ? 0 : unfinished_character(begun);
      add(stream, std::string_view(begun).substr(0, begun.size() - kept), time);
      begun.erase(0, begun.size() - kept);
    }
    bytes.remove_prefix(part);
  }
}

void Writer::Impl::add(int stream, std::string_view text, state::Nanoseconds time) {
  if (records.size() >= kEnough) put();
  tell_lost(time);
  const std::size_t before = records.size();
  append_record(records, stream, text, time_text.of(time));
  if (max_size == 0 || size + records.size() <= max_size) return;
  // The file would grow too large with this one.
  std::string last = records.substr(before);
  records.resize(before);
  put();
  make_room();
  records = std::move(last);
}

// Part of the next write: when that fails too, it will be told again.
void Writer::Impl::tell_lost(state::Nanoseconds time) {
  if (untold == 0 || !records.empty()) return;
  const std::string text =
      fmt::format("mycontainer: {} log record{} before this one could not be written: {}\n", untold,
                  untold == 1 ? "" : "s", ::strerrordesc_np(why));
  append_record(records, 2, text, time_text.of(time));
  telling = true;
}

void Writer::Impl::make_room() {
  if (size == 0) return;
  auto fresh = rotate(directory.get(), max_files);
  // The old file grows beyond its bound rather than that something is lost.
  if (!fresh) return log_warn("the log is not rotated: {}", fresh.error().message());
  file = *std::move(fresh);
  size = 0;
}

void Writer::Impl::put() {
  if (records.empty()) return;
  const bool tells = std::exchange(telling, false);
  const std::string_view all = records;
  const std::size_t written = put_whole(all);
  size += written;
  if (tells && written > 0) untold = 0;
  std::uint64_t missing = count_lines(all.substr(written));
  if (tells && written == 0) --missing;  // the one that tells
  lost += missing;
  untold += missing;
  records.clear();
}

// How many bytes, of whole records only, are now in the file.
std::size_t Writer::Impl::put_whole(std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t put = ::write(file.get(), bytes.data() + written, bytes.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      why = put < 0 ? errno : ENOSPC;
      break;
    }
    written += static_cast<std::size_t>(put);
  }
  if (written == bytes.size() || written == 0) return written;
  const std::size_t last = bytes.substr(0, written).rfind('\n');
  const std::size_t whole = last == std::string_view::npos ? 0 : last + 1;
  // From the file's own end: somebody may have truncated it.
  const auto end = size_of(file.get());
  const auto torn = static_cast<off_t>(written - whole);
  if (end && *end >= torn) static_cast<void>(::ftruncate(file.get(), *end - torn) == 0);
  return whole;
}

void Writer::Impl::release() {
  if (records.capacity() > kKept) std::string().swap(records);
  for (auto& begun : unfinished) {
    if (begun.empty() && begun.capacity() > kKept / 16) std::string().swap(begun);
  }
}

Result<Writer> Writer::open(int directory, const state::LogSettings& settings) {
  auto impl = std::make_unique<Impl>();
  if (settings.driver == "none") return Writer(std::move(impl));
  impl->max_size = settings.max_size;
  impl->max_files = std::max(settings.max_files, 1U);
  impl->directory.reset(::fcntl(directory, F_DUPFD_CLOEXEC, 0));
  if (!impl->directory) return fail_errno("open the log");
  TRY(auto log, open_log(directory));
  impl->file = std::move(log.fd);
  impl->size = log.size;
  return Writer(std::move(impl));
}

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

void Writer::write(int stream, std::string_view bytes, state::Nanoseconds time) {
  if (!impl_->file) return;
  impl_->take(stream, bytes, time);
  impl_->put();
  impl_->release();
}

void Writer::flush(state::Nanoseconds time) {
  if (!impl_->file) return;
  for (const int stream : {1, 2}) {
    auto& begun = impl_->unfinished[stream == 2 ? 1 : 0];
    if (!begun.empty()) impl_->add(stream, begun, time);
    std::string().swap(begun);
  }
  impl_->tell_lost(time);
  impl_->put();
  impl_->release();
}

void Writer::rest() { std::string().swap(impl_->records); }

std::uint64_t Writer::lost() const { return impl_->lost; }

}  // namespace mycontainer::runtime::log
