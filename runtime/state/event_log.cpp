#include "runtime/state/event_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/oci/json_text.h"
#include "runtime/state/event_files.h"

namespace mycontainer::runtime::state {
namespace {

constexpr off_t kRotateAt = 4 << 20;

std::string event_line(const Event& event) {
  std::string line = fmt::format("{{\"time\":{},\"type\":", event.time);
  oci::append_json_string(line, event.type);
  line += ",\"action\":";
  oci::append_json_string(line, event.action);
  line += ",\"id\":";
  oci::append_json_string(line, event.id);
  line += ",\"attributes\":";
  oci::append_json_object(line, event.attributes);
  return line + "}\n";
}

Result<UniqueFd> open_for_append(const Roots& roots) {
  const std::string path = events_file(roots);
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  auto file = sys::open_at(AT_FDCWD, path, kFlags, 0600);
  if (file || file.error().code != ENOENT) return file;
  TRY_VOID(sys::make_directories(roots.state, 0700));
  return sys::open_at(AT_FDCWD, path, kFlags, 0600);
}

// Whoever gets the lock does it; the others go on writing where they are. Those who follow read
// both files, so nothing that is still written into the old one is lost.
void rotate_when_full(const Roots& roots, int file) {
  struct stat mine {
  }, named{};
  if (::fstat(file, &mine) != 0 || mine.st_size < kRotateAt) return;
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) return;
  const std::string path = events_file(roots);
  const bool still_named = ::lstat(path.c_str(), &named) == 0 && named.st_ino == mine.st_ino;
  if (still_named) (void)::rename(path.c_str(), previous_events_file(roots).c_str());
}

}  // namespace

void append_event(const Roots& roots, const Event& event) { append_events(roots, {event}); }

void append_events(const Roots& roots, std::initializer_list<Event> events) {
  const auto file = open_for_append(roots);
  if (!file) return;
  std::string lines;
  for (const Event& event : events) lines += event_line(event);
  // One write: lines of several writers never mix (write(2), O_APPEND).
  if (::write(file->get(), lines.data(), lines.size()) < 0) return;
  rotate_when_full(roots, file->get());
}

Event container_event(const Record& record, std::string action,
                      std::map<std::string, std::string> more) {
  more.insert(record.labels.begin(), record.labels.end());
  more["image"] = record.image;
  more["name"] = record.name;
  return Event{now(), "container", std::move(action), record.id, std::move(more)};
}

}  // namespace mycontainer::runtime::state
