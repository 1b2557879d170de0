#include "runtime/security/seccomp_cache.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "reexec/sys/file.h"
#include "runtime/security/seccomp_compile.h"
#include "runtime/security/seccomp_syscalls.h"

namespace mycontainer::runtime::security {
namespace {

constexpr std::array<char, 8> kMagic = {'m', 'c', 's', 'e', 'c', 'c', '0', '1'};
constexpr std::size_t kLargestFile = 4u << 20;

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint64_t source_size = 0, program_size = 0;
  std::uint64_t program_hash = 0;
};

// Not a cryptographic hash: it names files and finds damage, it does not prove anything.
std::uint64_t hash(std::string_view bytes) {
  std::uint64_t state = bytes.size() * 0x9e3779b97f4a7c15u;
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t taken = std::min(sizeof(word), bytes.size());
    std::memcpy(&word, bytes.data(), taken);
    bytes.remove_prefix(taken);
    state = (state ^ word) * 0xff51afd7ed558ccdu;
    state ^= state >> 32;
  }
  return state;
}

// Everything that the program follows from, each part with its length, so that no two profiles look
// the same.
class Canonical {
 public:
  explicit Canonical(const oci::Seccomp& seccomp) {
    bytes_.reserve(16u << 10);
    const scmp_version* version = ::seccomp_version();
    for (const std::uint64_t part :
         {std::uint64_t{kSeccompGenerator}, std::uint64_t{native_seccomp_arch().token},
          std::uint64_t{version->major}, std::uint64_t{version->minor},
          std::uint64_t{version->micro}})
      add(part);
    add(seccomp.default_action);
    add(seccomp.default_errno_ret);
    add(seccomp.architectures);
    add(seccomp.syscalls.size());
    for (const oci::SeccompRule& rule : seccomp.syscalls) add(rule);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void add(std::uint64_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  void add(const std::string& text) {
    add(text.size());
    bytes_ += text;
  }
  void add(const std::optional<std::uint32_t>& number) {
    add(number ? std::uint64_t{*number} : ~std::uint64_t{0});
  }
  void add(const std::vector<std::string>& texts) {
    add(texts.size());
    for (const std::string& text : texts) add(text);
  }
  void add(const oci::SeccompRule& rule) {
    add(rule.names);
    add(rule.action);
    add(rule.errno_ret);
    add(rule.args.size());
    for (const oci::SeccompArg& arg : rule.args) {
      add(arg.index);
      add(arg.value);
      add(arg.value_two);
      add(arg.op);
    }
  }

  std::string bytes_;
};

bool ours_alone(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// The program in a cache file, when the file is whole and made from `source`.
std::optional<std::string> program_in(const std::string& file, std::string_view source) {
  Header header;
  if (file.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, file.data(), sizeof(header));
  const std::string_view rest = std::string_view(file).substr(sizeof(header));
  if (header.magic != kMagic || header.source_size != source.size() ||
      rest.size() < source.size() || header.program_size != rest.size() - source.size() ||
      rest.substr(0, source.size()) != source)
    return std::nullopt;
  const std::string_view program = rest.substr(source.size());
  if (hash(program) != header.program_hash || !valid_seccomp_program(program)) return std::nullopt;
  return std::string(program);
}

std::optional<std::string> load(const std::string& path, std::string_view source) {
  // O_NONBLOCK: a FIFO that somebody put there must not stop us.
  const auto fd = sys::open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!fd || !ours_alone(fd->get())) return std::nullopt;
  const auto file = sys::read_all(fd->get(), kLargestFile);
  return file ? program_in(*file, source) : std::nullopt;
}

Result<void> store(const std::string& directory, const std::string& path, std::string_view source,
                   std::string_view program) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return fail_errno("make {}", directory);
  // The temporary has no name: killed at any moment, we leave nothing.
  TRY(const UniqueFd file, sys::open_at(AT_FDCWD, directory, O_TMPFILE | O_WRONLY, 0600));
  Header header;
  header.source_size = source.size();
  header.program_size = program.size();
  header.program_hash = hash(program);
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  bytes.append(source).append(program);
  TRY_VOID(sys::write_all(file.get(), bytes));
  // What has the name now was not usable, or somebody else was quicker with the same content.
  ::unlink(path.c_str());
  if (::linkat(AT_FDCWD, sys::fd_path(file.get()).c_str(), AT_FDCWD, path.c_str(),
               AT_SYMLINK_FOLLOW) != 0)
    return fail_errno("name {}", path);
  return {};
}

}  // namespace

Result<std::string> compiled_seccomp(const oci::Seccomp& seccomp, const std::string& directory) {
  const Canonical canonical(seccomp);
  const std::string path = fmt::format("{}/{:016x}", directory, hash(canonical.bytes()));
  if (auto program = load(path, canonical.bytes())) return *std::move(program);
  TRY(std::string program, compile_seccomp(seccomp));
  // A cache that cannot be written costs time, not the container.
  (void)store(directory, path, canonical.bytes(), program).has_value();
  return program;
}

}  // namespace mycontainer::runtime::security
