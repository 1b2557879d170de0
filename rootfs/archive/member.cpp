#include "rootfs/archive/member.h"

#include <iconv.h>

#include <algorithm>
#include <cstring>

// libarchive converts names between the locale's charset and UTF-8 with iconv(3), and glibc's would
// look for tables and modules on whatever filesystem the process stands in: a container's
// (CVE-2019-14271). Ours goes by another rule of tar: names are bytes. It lies beside what both
// the reader and the writer use, so that the linker has it before it comes to the C library.
extern "C" {

iconv_t iconv_open(const char* /*tocode*/, const char* /*fromcode*/) {
  static char converter;
  return &converter;
}

size_t iconv(iconv_t /*cd*/, char** in, size_t* in_left, char** out, size_t* out_left) {
  if (in == nullptr || *in == nullptr) return 0;
  const std::size_t size = std::min(*in_left, *out_left);
  std::memcpy(*out, *in, size);
  *in += size;
  *out += size;
  *in_left -= size;
  *out_left -= size;
  if (*in_left == 0) return 0;
  errno = E2BIG;
  return static_cast<std::size_t>(-1);
}

int iconv_close(iconv_t /*cd*/) { return 0; }

}  // extern "C"

namespace mycontainer::rootfs::archive {

mode_t file_type(Kind kind) {
  switch (kind) {
    case Kind::kDirectory:
      return S_IFDIR;
    case Kind::kSymlink:
      return S_IFLNK;
    case Kind::kFifo:
      return S_IFIFO;
    case Kind::kCharacterDevice:
      return S_IFCHR;
    case Kind::kBlockDevice:
      return S_IFBLK;
    case Kind::kFile:
    case Kind::kHardLink:
      break;
  }
  return S_IFREG;
}

Failure library_failure(::archive* handle, const std::string& what) {
  const int code = archive_errno(handle);
  if (code > 0 && code != EILSEQ && code != EINVAL) return fail_code(code, "{}", what);
  const char* text = archive_error_string(handle);
  return fail("{}: {}", what, text == nullptr ? "unknown error" : text);
}

}  // namespace mycontainer::rootfs::archive
