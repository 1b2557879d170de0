#include "runtime/state/live.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <ctime>

#include "reexec/sys/file.h"
#include "runtime/container/control.h"
#include "runtime/state/lock_directory.h"

namespace mycontainer::runtime::state {

namespace {

constexpr const char* kExit = "exit";
constexpr const char* kRunning = "running";
constexpr const char* kPaused = "paused";
constexpr int kKilled = 137, kRebooted = 255;

// True: the first directory of all since the boot.
Result<bool> make_first(const Roots& roots) {
  TRY_VOID(sys::make_directories(roots.state, 0700));
  if (::mkdir(containers_in(roots.state).c_str(), 0700) == 0) return true;
  if (errno != EEXIST) return fail_errno("mkdir {}", containers_in(roots.state));
  return false;
}

// Nothing while it is empty.
std::optional<int> exit_code_in(int file) {
  char text[16];
  const ssize_t size = ::pread(file, text, sizeof text, 0);
  int code = 0;
  if (size <= 0 || std::from_chars(text, text + size, code).ec != std::errc{}) return {};
  return code;
}

// A reader of a fifo without writers reads the end of file at once.
bool has_ended(int fifo) {
  char byte = 0;
  return ::read(fifo, &byte, 1) == 0;
}

}  // namespace

Result<LiveDirectory> LiveDirectory::create(const Roots& roots, const std::string& id,
                                            const RemoveForeignTree& remove_foreign) {
  const std::string path = container_directory(roots.state, id);
  constexpr int kAttempts = 1000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::mkdir(path.c_str(), 0700) < 0) {
      if (errno == EEXIST) return fail("the container is running already");
      if (errno != ENOENT) return fail_errno("mkdir {}", path);
      TRY(const bool first, make_first(roots));
      if (first) collect_records(roots, remove_foreign);
      continue;
    }
    TRY(UniqueFd directory, lock_new_directory(path));
    if (directory) return LiveDirectory(path, std::move(directory));
  }
  return fail("the directory {} is removed as often as it is made", path);
}

LiveDirectory::~LiveDirectory() {
  const bool leads = !goes_after_.empty() && ::access(goes_after_.c_str(), F_OK) == 0;
  if (lock_ && !leads) (void)remove();
}

Result<void> LiveDirectory::begin_run() {
  ::unlinkat(fd(), kRunning, 0);
  if (::mkfifoat(fd(), kRunning, 0600) < 0) return fail_errno("mkfifo {}/{}", path_, kRunning);
  TRY(running_, sys::open_at(fd(), kRunning, O_RDWR | O_NONBLOCK | O_NOFOLLOW));
  ::unlinkat(fd(), kExit, 0);
  TRY(exit_, sys::open_at(fd(), kExit, O_WRONLY | O_CREAT | O_EXCL, 0600));
  return {};
}

void LiveDirectory::end_run(int exit_code) {
  // Four bytes on a tmpfs: a waiter that nevertheless finds none is told 137.
  if (exit_) (void)sys::write_all(exit_.get(), fmt::format("{}\n", exit_code));
  exit_.reset();
  running_.reset();
}

Result<void> LiveDirectory::remove() {
  const UniqueFd lock = std::move(lock_);
  return sys::remove_tree_at(AT_FDCWD, path_);
}

bool is_supervised(const Roots& roots, const std::string& id) {
  const std::string path = container_directory(roots.state, id);
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return directory && ::flock(directory.get(), LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

State effective_state(const Roots& roots, const Record& record) {
  Record seen = record;
  constexpr int kLooks = 100;
  for (int look = 0; look < kLooks; ++look) {
    const State& state = seen.state;
    const bool runs = state.status == Status::kRunning || state.status == Status::kRestarting;
    if (!runs || is_supervised(roots, seen.id)) return state;
    // It may have ended in this moment, and its supervisor have said so; and begun anew.
    const auto container = Container::open(roots, seen.id);
    auto again = container ? container->read() : Result<Record>(Failure(Error{}));
    const bool same =
        !again || (again->state.status == state.status && again->state.started == state.started);
    if (same) break;
    seen = std::move(*again);
  }
  return orphaned_state(roots, seen);
}

State orphaned_state(const Roots& roots, const Record& record) {
  State state = record.state;
  state.status = Status::kExited;
  state.pid = 0;
  const std::string path = container_directory(roots.state, record.id) + "/" + kExit;
  const UniqueFd exit(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (const auto code = exit ? exit_code_in(exit.get()) : std::nullopt) {
    state.exit_code = *code;
    return state;
  }
  const auto boot = boot_id();
  const bool rebooted = boot && !state.boot.empty() && *boot != state.boot;
  state.exit_code = rebooted ? kRebooted : kKilled;
  state.error = rebooted ? "the machine was restarted while it ran" : "its monitor was killed";
  return state;
}

std::string status_text(const Roots& roots, const std::string& id, const State& effective) {
  switch (effective.status) {
    case Status::kCreated:
      return "created";
    case Status::kRestarting:
      return "restarting";
    case Status::kExited:
      return "exited";
    case Status::kRunning:
      break;
  }
  const std::string marker = container_directory(roots.state, id) + "/" + kPaused;
  if (::access(marker.c_str(), F_OK) < 0) return "running";
  container::Settings settings;
  settings.root = containers_in(roots.state);
  const auto live = container::inspect(id, settings);
  return live && live->status == container::Status::kPaused ? "paused" : "running";
}

Result<void> note_pause(const Roots& roots, const std::string& id) {
  const std::string marker = container_directory(roots.state, id) + "/" + kPaused;
  TRY_VOID(sys::open_at(AT_FDCWD, marker, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600));
  return {};
}

Result<std::optional<ExitWaiter>> ExitWaiter::open(const Roots& roots, const std::string& id) {
  const std::string path = container_directory(roots.state, id);
  // In this order: beside the fifo of the next run the exit code of the one before tells at once how
  // that has ended.
  UniqueFd exit(
      ::open((path + "/" + kExit).c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!exit && errno == ENOENT) return std::optional<ExitWaiter>();
  if (!exit) return fail_errno("open {}/{}", path, kExit);
  UniqueFd running(
      ::open((path + "/" + kRunning).c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!running && errno == ENOENT) return std::optional<ExitWaiter>();
  if (!running) return fail_errno("open {}/{}", path, kRunning);
  if (has_ended(running.get())) return std::optional<ExitWaiter>();
  return std::optional(ExitWaiter(std::move(exit), std::move(running)));
}

Result<std::optional<int>> ExitWaiter::wait(Nanoseconds timeout) const {
  if (const auto code = exit_code_in(exit_.get())) return code;
  timespec left{timeout / 1'000'000'000, timeout % 1'000'000'000};
  pollfd waiting{running_.get(), POLLIN, 0};
  while (true) {
    const int ready = ::ppoll(&waiting, 1, timeout < 0 ? nullptr : &left, nullptr);
    if (ready > 0) return std::optional(exit_code_in(exit_.get()).value_or(kKilled));
    if (ready == 0) return std::optional<int>();
    if (errno != EINTR) return fail_errno("wait for the container");
  }
}

}  // namespace mycontainer::runtime::state
