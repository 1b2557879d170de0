#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "reexec/sys/file.h"
#include "runtime/state/event_files.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::state {
namespace {

using nlohmann::json;

// No line of ours is longer than what a container's labels may be; beyond it is a foreign file.
constexpr std::size_t kLongestLine = 1u << 20;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Nothing for a line that is no event: one of a full disk, or a foreign one.
std::optional<Event> parse_event(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto time = object.find("time");
  if (time == object.end() || !time->is_number_integer()) return std::nullopt;
  Event event{time->get<Nanoseconds>(),
              text_of(object, "type"),
              text_of(object, "action"),
              text_of(object, "id"),
              {}};
  if (event.type.empty() || event.action.empty()) return std::nullopt;
  const auto attributes = object.find("attributes");
  if (attributes == object.end() || !attributes->is_object()) return event;
  for (const auto& [key, value] : attributes->items()) {
    if (value.is_string()) event.attributes[key] = value.get<std::string>();
  }
  return event;
}

using TakeLine = std::function<bool(std::string_view)>;

// One file of lines that is still being written to.
class GrowingFile {
 public:
  GrowingFile() = default;
  explicit GrowingFile(UniqueFd file) : file_(std::move(file)) {}

  // Gives each line that has become whole since the last call; false when `take` returned it.
  Result<bool> read_lines(const TakeLine& take) {
    std::array<char, 1 << 16> buffer;
    while (file_) {
      const ssize_t count = ::read(file_.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail_errno("read events");
      if (count == 0) break;
      rest_.append(buffer.data(), static_cast<std::size_t>(count));
      if (!take_whole_lines(take)) return false;
    }
    return true;
  }

  [[nodiscard]] bool is(const std::string& path) const {
    struct stat mine {
    }, named{};
    return file_ && ::fstat(file_.get(), &mine) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
  }

 private:
  bool take_whole_lines(const TakeLine& take) {
    std::size_t start = 0;
    for (std::size_t end; (end = rest_.find('\n', start)) != std::string::npos; start = end + 1) {
      if (!take(std::string_view(rest_).substr(start, end - start))) return false;
    }
    rest_.erase(0, start);
    if (rest_.size() > kLongestLine) rest_.clear();
    return true;
  }

  UniqueFd file_;
  std::string rest_;
};

Result<GrowingFile> open_growing(const std::string& path) {
  auto file = sys::open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file && file.error().code == ENOENT) return GrowingFile();
  if (!file) return Failure(std::move(file).error());
  return GrowingFile(std::move(*file));
}

// The file that is written to, and the one before it, into which a slow writer may still write.
class EventFiles {
 public:
  static Result<EventFiles> open(const Roots& roots) {
    EventFiles files(roots);
    TRY(files.current_, open_growing(events_file(roots)));
    TRY(files.previous_, open_growing(previous_events_file(roots)));
    // Rotated between the two calls: it is the same file.
    if (files.current_.is(previous_events_file(roots))) files.previous_ = GrowingFile();
    return files;
  }

  Result<bool> read_lines(const TakeLine& take) {
    TRY(bool goes_on, previous_.read_lines(take));
    if (!goes_on) return false;
    TRY(goes_on, current_.read_lines(take));
    while (goes_on && !current_.is(events_file(roots_))) {
      TRY(GrowingFile next, open_growing(events_file(roots_)));
      if (!next.is(events_file(roots_))) break;  // not there yet, or gone again
      // What was written between our last look and the rotation comes first.
      TRY(goes_on, current_.read_lines(take));
      if (!goes_on) break;
      previous_ = std::exchange(current_, std::move(next));
      TRY(goes_on, current_.read_lines(take));
    }
    return goes_on;
  }

 private:
  explicit EventFiles(const Roots& roots) : roots_(roots) {}
  const Roots& roots_;
  GrowingFile previous_, current_;
};

Result<UniqueFd> watch_directory(const std::string& path) {
  TRY_VOID(sys::make_directories(path, 0700));
  UniqueFd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch) return fail_errno("inotify_init1");
  constexpr std::uint32_t kWhat = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
  if (::inotify_add_watch(watch.get(), path.c_str(), kWhat) < 0) {
    return fail_errno("watch {}", path);
  }
  return watch;
}

// Waits for a change, at most until the time `until` (0: without end). False: that has come.
Result<bool> wait_for_change(const UniqueFd& watch, Nanoseconds until) {
  constexpr Nanoseconds kMillisecond = 1'000'000, kLongest = 3'600'000;
  pollfd what{watch.get(), POLLIN, 0};
  int timeout = -1;
  if (until != 0) {
    const Nanoseconds left = until - now();
    if (left <= 0) return false;
    timeout = static_cast<int>(std::min(left / kMillisecond + 1, kLongest));
  }
  const int ready = ::poll(&what, 1, timeout);
  if (ready < 0 && errno != EINTR) return fail_errno("poll");
  std::array<char, 4096> names;
  while (ready > 0 && ::read(watch.get(), names.data(), names.size()) > 0) {
  }
  return true;
}

}  // namespace

Result<void> read_events(const Roots& roots, Nanoseconds since, Nanoseconds until, bool follow,
                         const std::function<bool(const Event&)>& take) {
  const TakeLine take_line = [&](std::string_view line) {
    const auto event = parse_event(line);
    if (!event || event->time < since || (until != 0 && event->time > until)) return true;
    return take(*event);
  };
  UniqueFd watch;  // before the first look, so that nothing falls between the two
  if (follow) {
    TRY(watch, watch_directory(roots.state));
  }
  TRY(EventFiles files, EventFiles::open(roots));
  while (true) {
    TRY(const bool goes_on, files.read_lines(take_line));
    if (!goes_on || !follow) return {};
    TRY(const bool changed, wait_for_change(watch, until));
    if (!changed) return {};
  }
}

}  // namespace mycontainer::runtime::state
