#include "rootfs/builtin/embedded.h"

#include <zstd.h>

#include "rootfs/builtin/builtin.h"
#include "rootfs/builtin/digest.h"

// .incbin takes the file as it is: a C array of a megabyte costs the compiler seconds.
__asm__(
    ".pushsection .rodata.mycontainer_builtin, \"a\", @progbits\n"
    ".balign 16\n"
    ".globl mycontainer_builtin_begin\n"
    "mycontainer_builtin_begin:\n"
    ".incbin \"" MYCONTAINER_BUILTIN_ARCHIVE
    "\"\n"
    ".globl mycontainer_builtin_end\n"
    "mycontainer_builtin_end:\n"
    ".popsection\n");

extern "C" {
extern const char mycontainer_builtin_begin[];
extern const char mycontainer_builtin_end[];
}

namespace mycontainer::rootfs::builtin {

namespace {

constexpr unsigned long long kMaxSize = 64u << 20;

}  // namespace

const char* content_digest() { return MYCONTAINER_BUILTIN_DIGEST; }

std::string_view embedded_archive() {
  return {mycontainer_builtin_begin,
          static_cast<std::size_t>(mycontainer_builtin_end - mycontainer_builtin_begin)};
}

Result<std::string> decompress(std::string_view compressed) {
  const auto size = ::ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size > kMaxSize) return fail("the built-in root filesystem states no sensible size");
  std::string plain(static_cast<std::size_t>(size), '\0');
  const std::size_t done =
      ::ZSTD_decompress(plain.data(), plain.size(), compressed.data(), compressed.size());
  if (::ZSTD_isError(done) != 0 || done != plain.size()) {
    return fail("the built-in root filesystem cannot be decompressed");
  }
  return plain;
}

}  // namespace mycontainer::rootfs::builtin
