// What a C++ program may expect of its start, asked of the one in cmd/start: this test program is
// started by it too.
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "rootfs/content/crypto.h"
#include "rootfs/content/digest.h"

// OpenSSL's, of an archive; a shared one keeps it to itself.
extern "C" unsigned OPENSSL_ia32cap_P[4] __attribute__((weak));

namespace {

int constructed = 0;
struct Global {
  Global() { constructed = 42; }
} global;

thread_local int own = 7;

TEST(Start, RunsConstructorsBeforeMain) { EXPECT_EQ(constructed, 42); }

TEST(Start, GivesEnvironmentAndAuxiliaryVector) {
  ASSERT_NE(environ, nullptr);
  EXPECT_EQ(::setenv("START_TEST", "yes", 1), 0);
  EXPECT_STREQ(::getenv("START_TEST"), "yes");
  EXPECT_EQ(::getauxval(AT_PAGESZ), static_cast<unsigned long>(::getpagesize()));
}

TEST(Start, SetsUpThreadLocalStorageForEveryThread) {
  EXPECT_EQ(own, 7);
  own = 8;
  errno = ENOENT;
  int seen = 0, seen_errno = -1;
  std::thread other([&] {
    seen = own;
    errno = 0;
    seen_errno = errno;
  });
  other.join();
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(seen_errno, 0);
  EXPECT_EQ(errno, ENOENT);
}

TEST(Start, UnwindsExceptions) { EXPECT_THROW(throw std::runtime_error("x"), std::runtime_error); }

#ifdef __x86_64__
TEST(Start, GuardsTheStackAndPointers) {
  std::uint64_t stack_guard = 0, pointer_guard = 0;
  __asm__("movq %%fs:0x28, %0" : "=r"(stack_guard));
  __asm__("movq %%fs:0x30, %0" : "=r"(pointer_guard));
  EXPECT_NE(stack_guard, 0U);
  EXPECT_EQ(stack_guard & 0xff, 0U);
  EXPECT_NE(pointer_guard, 0U);
}
#endif

TEST(Start, RunsExitHandlersAndReturnsTheCode) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::atexit([] { ::_exit(23); });
    std::exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 23);
}

TEST(Start, LeavesMathematicsRight) {
  volatile double two = 2.0;
  EXPECT_DOUBLE_EQ(std::sqrt(two) * std::sqrt(two), 2.0000000000000004);
  EXPECT_DOUBLE_EQ(std::exp(std::log(two)), 2.0);
  EXPECT_EQ(std::floor(-1.5), -2.0);
}

// The string functions that were chosen, at every size around their thresholds and with every
// alignment, between pages that must not be touched.
struct Fenced {
  explicit Fenced(std::size_t size) : size_((size + 4095) / 4096 * 4096) {
    void* all = ::mmap(nullptr, size_ + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    base_ = static_cast<unsigned char*>(all) + 4096;
    ::mprotect(base_, size_, PROT_READ | PROT_WRITE);
  }
  ~Fenced() { ::munmap(base_ - 4096, size_ + 8192); }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;
  // `size` bytes that end where the forbidden page begins.
  [[nodiscard]] unsigned char* last(std::size_t size) const { return base_ + size_ - size; }

 private:
  std::size_t size_;
  unsigned char* base_;
};

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> list;
  for (std::size_t size = 0; size < 300; ++size) list.push_back(size);
  for (std::size_t power = 512; power <= (8U << 20); power *= 2) {
    for (const std::size_t size : {power - 1, power, power + 1, power + power / 2 + 7}) {
      list.push_back(size);
    }
  }
  return list;
}

TEST(Start, CopiesAndMovesMemoryOfEverySize) {
  const Fenced from(16U << 20), to(16U << 20);
  for (const std::size_t size : sizes()) {
    for (const std::size_t shift : {0U, 1U, 15U}) {
      unsigned char* source = from.last(size + shift);
      unsigned char* target = to.last(size);
      for (std::size_t i = 0; i < size; ++i) source[i] = static_cast<unsigned char>(i * 31 + size);
      std::memset(target, 0, size);
      std::memcpy(target, source, size);
      ASSERT_TRUE(std::equal(source, source + size, target)) << size;
      ASSERT_EQ(std::memcmp(target, source, size), 0) << size;
      if (size < 2) continue;
      std::memmove(target, target + 1, size - 1);
      ASSERT_TRUE(std::equal(source + 1, source + size, target)) << size;
      std::memmove(target + 1, target, size - 1);
      ASSERT_TRUE(std::equal(source + 1, source + size, target + 1)) << size;
    }
  }
}

TEST(Start, FindsTheEndAndCharactersOfEveryString) {
  const Fenced memory(1U << 20);
  for (const std::size_t size : sizes()) {
    if (size == 0 || size > (1U << 20)) continue;
    char* text = reinterpret_cast<char*>(memory.last(size));
    std::memset(text, 'a', size - 1);
    text[size - 1] = '\0';
    ASSERT_EQ(std::strlen(text), size - 1);
    ASSERT_EQ(std::memchr(text, '\0', size), text + size - 1);
    ASSERT_EQ(std::strchr(text, 'b'), nullptr);
    if (size < 2) continue;
    text[size - 2] = 'b';
    ASSERT_EQ(std::strrchr(text, 'b'), text + size - 2);
    ASSERT_EQ(std::strstr(text, "b"), text + size - 2);
    ASSERT_EQ(std::string(text).find('b'), size - 2);
  }
}

// The section .init of a program, which cmd/start does not run.
std::string init_section(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  Elf64_Ehdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), bytes.data() + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  const char* names = bytes.data() + sections[header.e_shstrndx].sh_offset;
  for (const Elf64_Shdr& section : sections) {
    if (std::strcmp(names + section.sh_name, ".init") == 0) {
      return bytes.substr(section.sh_offset, section.sh_size);
    }
  }
  return {};
}

#if defined(__x86_64__) && defined(MYCONTAINER_QUICK_START)
TEST(Start, LeavesOutNothingButWhatOpensslAppended) {
  constexpr std::size_t kOfTheCompiler =
      23;  // crti.o and crtn.o: calls __gmon_start__, if there were one
  constexpr std::size_t kCall = 5;
  EXPECT_LE(init_section(MYCONTAINER_PROGRAM).size(), kOfTheCompiler + kCall)
      << "a library appended to .init: see whether the program can do without that";
}
#endif

TEST(Start, KnowsTheProcessorWhereADigestIsComputed) {
  const auto digest = mycontainer::rootfs::content::digest_of("abc");
  EXPECT_EQ(digest.text(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::ifstream cpuinfo("/proc/cpuinfo");
  const std::string text((std::istreambuf_iterator<char>(cpuinfo)), {});
  if (OPENSSL_ia32cap_P == nullptr || text.find(" sha_ni") == std::string::npos) {
    GTEST_SKIP() << "needs a processor with SHA instructions and a static OpenSSL";
  }
  constexpr unsigned kSha = 1U << 29;  // CPUID leaf 7, EBX
  EXPECT_NE(OPENSSL_ia32cap_P[2] & kSha, 0U);
}

}  // namespace
