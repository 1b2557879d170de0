#include "rootfs/layer/durability.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <memory>

#include "reexec/command.h"
#include "reexec/sys/file.h"

namespace mycontainer::rootfs::layer {

namespace {

constexpr std::string_view kRemoved = ".removed-";  // store.h: the next sweep's

std::string name_to_be_removed(const std::string& directory) {
  std::uint64_t number = 0;
  (void)::getrandom(&number, sizeof number, 0);
  return fmt::format("{}/{}{:016x}", directory, kRemoved, number);
}

std::string note_in(const std::string& directory) {
  return directory + "/" + std::string(kUnsynced);
}

std::string boot() {
  const auto text = sys::read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id");
  return text ? text->substr(0, text->find('\n')) : std::string();
}

// The note, locked; again when it was taken away before the lock.
Result<UniqueFd> open_note(const std::string& path, int flags) {
  while (true) {
    TRY(UniqueFd fd, sys::open_at(AT_FDCWD, path, flags | O_RDWR | O_APPEND | O_NOFOLLOW, 0600));
    while (::flock(fd.get(), LOCK_EX) < 0) {
      if (errno != EINTR) return fail_errno("lock {}", path);
    }
    struct stat mine {
    }, there{};
    if (::fstat(fd.get(), &mine) == 0 && ::lstat(path.c_str(), &there) == 0 &&
        mine.st_ino == there.st_ino) {
      return fd;
    }
  }
}

// Neither grown nor made anew.
bool is_unchanged(int fd, const struct stat& before) {
  struct stat now {};
  return ::fstat(fd, &now) == 0 && now.st_size == before.st_size && now.st_ino == before.st_ino &&
         now.st_mtim.tv_sec == before.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
}

struct Note {
  std::string boot;
  std::int64_t since = 0;  // seconds; 0: since ever
};

// Cut short by the crash itself: then nothing is known, and nothing trusted.
Note read_note(int fd) {
  Note note;
  const auto text = sys::read_all(fd);
  const std::size_t space = text ? text->find(' ') : std::string::npos;
  if (space == std::string::npos) return note;
  const std::size_t end = text->find('\n', space);
  if (end == std::string::npos) return note;
  std::from_chars(text->data() + space + 1, text->data() + end, note.since);
  note.boot = text->substr(0, space);
  return note;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// All layers that got their name since, in the clock's own coarse terms.
Result<void> move_aside_since(const std::string& directory, std::int64_t since) {
  const std::unique_ptr<DIR, CloseDirectory> stream(::opendir(directory.c_str()));
  if (!stream) return fail_errno("open {}", directory);
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    struct stat status {};
    if (name.starts_with('.') || name == kUnsynced) continue;
    const std::string path = directory + "/" + name;
    // A rename changes the time of the status.
    if (::lstat(path.c_str(), &status) < 0 || status.st_ctime < since) continue;
    const std::string aside = name_to_be_removed(directory);
    if (::rename(path.c_str(), aside.c_str()) < 0 && errno != ENOENT) {
      return fail_errno("move {} aside", path);
    }
  }
  return {};
}

// False: somebody else was faster. It appears whole, because recover() takes an empty one for what a
// crash left, and trusts no layer at all.
Result<bool> make_note(const std::string& directory) {
  const std::string place = name_to_be_removed(directory), temporary = note_in(place);
  if (::mkdir(place.c_str(), 0700) < 0) return fail_errno("mkdir {}", place);
  auto done =
      sys::write_file_at(AT_FDCWD, temporary, fmt::format("{} {}\n", boot(), ::time(nullptr)),
                         O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (done && ::link(temporary.c_str(), note_in(directory).c_str()) < 0) {
    done = fail_errno("note what is not synced");
  }
  (void)sys::remove_tree_at(AT_FDCWD, place);
  if (!done && done.error().code == EEXIST) return false;
  if (!done) return Failure(std::move(done).error());
  return true;
}

}  // namespace

Result<void> note_unsynced(const std::string& directory) {
  const std::string path = note_in(directory);
  while (true) {
    const auto note = open_note(path, 0);
    // Growth is what tells whoever syncs meanwhile that there is more.
    if (note) return sys::write_all(note->get(), "+");
    if (note.error().code != ENOENT) return Failure(note.error());
    TRY(const bool made, make_note(directory));
    if (made) return {};
  }
}

void sync_in_background(const std::string& directory) {
  auto command = reexec::Command::entry(std::string(kSyncLayersEntry), {directory});
  command.clear_env().in(reexec::Stdio::null()).out(reexec::Stdio::null());
  command.err(reexec::Stdio::null());
  command.attributes().new_session = true;
  auto child = command.start();
  if (child) (void)child->release();
}

int sync_layers_main(reexec::Invocation& invocation) {
  if (invocation.args.size() != 1) return 1;
  const std::string directory(invocation.args.front());
  const std::string path = note_in(directory);
  struct stat before {};
  if (::lstat(path.c_str(), &before) < 0) return 0;
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) < 0) return 1;
  const auto note = open_note(path, 0);
  if (!note || !is_unchanged(note->get(), before)) return 0;
  return ::unlink(path.c_str()) == 0 ? 0 : 1;
}

Result<void> recover(const std::string& directory) {
  const std::string path = note_in(directory);
  if (::access(path.c_str(), F_OK) < 0) return {};
  auto fd = open_note(path, 0);
  if (!fd && fd.error().code == ENOENT) return {};
  if (!fd) return Failure(std::move(fd).error());
  const Note note = read_note(fd->get());
  if (!note.boot.empty() && note.boot == boot()) return {};
  TRY_VOID(move_aside_since(directory, note.since));
  if (::unlink(path.c_str()) < 0 && errno != ENOENT) return fail_errno("remove {}", path);
  return {};
}

}  // namespace mycontainer::rootfs::layer
