#include "rootfs/builtin/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>

#include "reexec/sys/file.h"

namespace mycontainer::rootfs::builtin {

namespace {

std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return front;
}

template <class Number>
bool parse_number(std::string_view text, Number& value, int base) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return code == std::errc() && end == text.data() + text.size();
}

bool stays_inside(std::string_view path) {
  if (path.empty()) return false;
  while (!path.empty()) {
    const std::string_view name = take(path, '/');
    if (name.empty() || name == "." || name == "..") return false;
  }
  return true;
}

// One line, and for a file the size of what is to come.
struct Line {
  ArchiveEntry entry;
  std::size_t size = 0;
};

// What follows the kind; `text` is left holding the path.
bool parse_rest(std::string_view kind, std::string_view& text, Line& line) {
  const std::string_view first = take(text, ' ');
  if (kind == "l") {
    line.entry.kind = ArchiveEntry::Kind::kLink;
    line.entry.target = first;
    return !first.empty();
  }
  if (!parse_number(first, line.entry.mode, 8) || line.entry.mode > 07777) return false;
  if (kind == "d") return true;
  line.entry.kind = ArchiveEntry::Kind::kFile;
  return kind == "f" && parse_number(take(text, ' '), line.size, 10);
}

std::optional<Line> parse_line(std::string_view text) {
  Line line;
  const std::string_view kind = take(text, ' ');
  if (!parse_rest(kind, text, line) || !stays_inside(text)) return std::nullopt;
  line.entry.path = text;
  return line;
}

// Modes are set apart from the making, so that the umask does not count.
Result<void> make_directory(const ArchiveEntry& entry, int dirfd) {
  if (::mkdirat(dirfd, entry.path.c_str(), 0700) < 0) return fail_errno("mkdir {}", entry.path);
  if (::fchmodat(dirfd, entry.path.c_str(), entry.mode, 0) == 0) return {};
  return fail_errno("chmod {}", entry.path);
}

Result<void> make_file(const ArchiveEntry& entry, int dirfd) {
  TRY(UniqueFd fd, sys::open_at(dirfd, entry.path, O_WRONLY | O_CREAT | O_EXCL, 0600));
  TRY_VOID(sys::write_all(fd.get(), entry.bytes));
  if (::fchmod(fd.get(), entry.mode) < 0) return fail_errno("chmod {}", entry.path);
  // The tree's final name must not outlive a power cut that this content did not.
  if (::fsync(fd.get()) < 0) return fail_errno("fsync {}", entry.path);
  return {};
}

Result<void> make_entry(const ArchiveEntry& entry, int dirfd) {
  if (entry.kind == ArchiveEntry::Kind::kDirectory) return make_directory(entry, dirfd);
  if (entry.kind == ArchiveEntry::Kind::kFile) return make_file(entry, dirfd);
  if (::symlinkat(entry.target.c_str(), dirfd, entry.path.c_str()) == 0) return {};
  return fail_errno("link {}", entry.path);
}

}  // namespace

Result<std::vector<ArchiveEntry>> read_archive(std::string_view archive) {
  std::vector<ArchiveEntry> entries;
  std::vector<std::size_t> sizes;
  while (true) {
    if (archive.empty()) return fail("the built-in root filesystem's archive has no end of lines");
    const std::string_view text = take(archive, '\n');
    if (text.empty()) break;
    auto line = parse_line(text);
    if (!line) return fail("the built-in root filesystem's archive has a bad line: {}", text);
    entries.push_back(std::move(line->entry));
    sizes.push_back(line->size);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (sizes[i] > archive.size()) return fail("the built-in root filesystem's archive is cut off");
    entries[i].bytes = archive.substr(0, sizes[i]);
    archive.remove_prefix(sizes[i]);
  }
  if (!archive.empty()) return fail("the built-in root filesystem's archive is too long");
  return entries;
}

Result<void> unpack(const std::vector<ArchiveEntry>& entries, int dirfd) {
  for (const ArchiveEntry& entry : entries) TRY_VOID(make_entry(entry, dirfd));
  return {};
}

}  // namespace mycontainer::rootfs::builtin
