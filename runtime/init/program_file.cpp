#include "runtime/init/program_file.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstring>
#include <optional>

#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::init {
namespace {

constexpr std::size_t kHeadBytes = 64u << 10;  // program headers and PT_INTERP lie at the front
constexpr std::size_t kShebangBytes = 256;     // BINPRM_BUF_SIZE, linux/binfmts.h

// Architectures as image platforms spell them.
struct Machine {
  unsigned number;
  std::string_view name;
};
constexpr std::array<Machine, 9> kMachines = {{{EM_X86_64, "amd64"},
                                               {EM_386, "386"},
                                               {EM_AARCH64, "arm64"},
                                               {EM_ARM, "arm"},
                                               {EM_RISCV, "riscv64"},
                                               {EM_PPC64, "ppc64le"},
                                               {EM_S390, "s390x"},
                                               {EM_MIPS, "mips"},
                                               {258 /* EM_LOONGARCH */, "loong64"}}};
#if defined(__x86_64__)
constexpr unsigned kThisMachine = EM_X86_64, kThis32BitMachine = EM_386;
#elif defined(__aarch64__)
constexpr unsigned kThisMachine = EM_AARCH64, kThis32BitMachine = EM_ARM;
#elif defined(__riscv)
constexpr unsigned kThisMachine = EM_RISCV, kThis32BitMachine = EM_NONE;
#else
#error "name this machine's e_machine"
#endif

std::string machine_name(unsigned number) {
  for (const Machine& machine : kMachines)
    if (machine.number == number) return std::string(machine.name);
  return fmt::format("machine type {}", number);
}

template <class T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

ProgramFile damaged() { return {ProgramFile::Kind::kElf, {}, "is a damaged ELF file"}; }

std::string flaw_of_machine(unsigned machine, bool is_64_bit) {
  if (machine == kThisMachine && is_64_bit) return {};
  if (machine == kThisMachine || machine == kThis32BitMachine)
    return fmt::format("is a 32-bit program ({}), and this kernel does not run those",
                       machine == kThisMachine ? "x32" : machine_name(machine));
  return fmt::format(
      "is a program for {0}, and this machine is {1}: use a linux/{1} image, or "
      "install qemu-user-static on the host",
      machine_name(machine), machine_name(kThisMachine));
}

// The loader's path ends with its NUL, which the kernel demands (fs/binfmt_elf.c).
template <class Header, class Segment>
ProgramFile inspect_elf(std::string_view bytes) {
  const auto header = read_at<Header>(bytes, 0);
  if (!header) return damaged();
  ProgramFile file{ProgramFile::Kind::kElf,
                   {},
                   flaw_of_machine(header->e_machine, sizeof(Header) == sizeof(Elf64_Ehdr))};
  if (!file.flaw.empty()) return file;
  if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
    return {ProgramFile::Kind::kElf, {}, "is an object or core file, not a program"};
  if (header->e_phnum == 0 || header->e_phentsize != sizeof(Segment)) return damaged();
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    if (header->e_phoff > bytes.size()) return damaged();
    const auto segment = read_at<Segment>(bytes, header->e_phoff + i * sizeof(Segment));
    if (!segment) return damaged();
    if (segment->p_type != PT_INTERP) continue;
    if (segment->p_filesz < 2 || segment->p_filesz > PATH_MAX || segment->p_offset > bytes.size() ||
        bytes.size() - segment->p_offset < segment->p_filesz)
      return damaged();
    const auto loader = bytes.substr(segment->p_offset, segment->p_filesz);
    file.interpreter = loader.substr(0, loader.find('\0'));
    return file;
  }
  return file;
}

ProgramFile inspect_any_elf(std::string_view bytes) {
  if (bytes.size() <= EI_DATA) return damaged();
  constexpr auto kNativeOrder =
      static_cast<char>(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB);
  if (bytes[EI_DATA] != kNativeOrder)
    return {ProgramFile::Kind::kElf, {}, "is a program for a machine of the other byte order"};
  if (bytes[EI_CLASS] == ELFCLASS64) return inspect_elf<Elf64_Ehdr, Elf64_Phdr>(bytes);
  if (bytes[EI_CLASS] == ELFCLASS32) return inspect_elf<Elf32_Ehdr, Elf32_Phdr>(bytes);
  return damaged();
}

// As fs/binfmt_script.c reads it: blanks, then a name that ends at a blank, a newline or a NUL.
ProgramFile inspect_script(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, kShebangBytes);
  const std::string_view line = head.substr(2, head.find('\n') - 2);
  ProgramFile file{ProgramFile::Kind::kScript, {}, {}};
  const auto begin = line.find_first_not_of(" \t");
  if (begin == line.npos || line[begin] == '\0') {
    file.flaw = "names no interpreter after \"#!\"";
    return file;
  }
  const auto end = line.find_first_of(std::string_view(" \t\0", 3), begin);
  if (end == line.npos && bytes.size() > kShebangBytes && line.size() + 2 == kShebangBytes)
    file.flaw = "has a \"#!\" line longer than the kernel reads (256 bytes)";
  else
    file.interpreter = line.substr(begin, end == line.npos ? end : end - begin);
  return file;
}

std::string flaw_of_other(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF#!"))
    return "begins with a byte order mark, which hides its \"#!\" line: save it without";
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
    return "is UTF-16 text: save it as UTF-8 without a byte order mark";
  if (bytes.find('\0') == bytes.npos)
    return R"(is text without a "#!" line: begin a shell script with "#!/bin/sh")";
  return "is not in a format that this kernel runs";
}

}  // namespace

ProgramFile inspect_bytes(std::string_view bytes) {
  if (bytes.empty()) return {ProgramFile::Kind::kOther, {}, "is empty"};
  if (bytes.starts_with(ELFMAG)) return inspect_any_elf(bytes);
  if (bytes.starts_with("#!")) return inspect_script(bytes);
  return {ProgramFile::Kind::kOther, {}, flaw_of_other(bytes)};
}

ProgramFile inspect_program(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string head(kHeadBytes, '\0');
  const ssize_t size = ::pread(file.get(), head.data(), head.size(), 0);
  if (size < 0) return {};
  return inspect_bytes(std::string_view(head).substr(0, static_cast<std::size_t>(size)));
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      shown.append({'^', static_cast<char>(byte ^ 0x40)});
    else if (byte < 0x7f)
      shown += c;
    else
      shown += fmt::format("\\x{:02x}", byte);
  }
  return shown;
}

}  // namespace mycontainer::runtime::init
