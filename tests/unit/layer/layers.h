// Layers made by hand, and unpacked by the real child, for the tests of rootfs/layer.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/file.h"
#include "rootfs/layer/unpack_layer.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::layer {

// One header (ustar) as bytes, whatever it says; `data` and its padding follow.
struct TarMember {
  std::string name;
  char type = '0';
  std::string link = {};
  std::string data = {};
  unsigned mode = 0755;
  unsigned uid = 0, gid = 0;
  std::uint64_t mtime = 1700000000;
  unsigned major = 0, minor = 0;
};

inline void put_octal(std::string& header, std::size_t at, std::size_t width, std::uint64_t value) {
  for (std::size_t i = width - 1; i-- > 0; value >>= 3) {
    header[at + i] = static_cast<char>('0' + (value & 7));
  }
}

inline std::string padded(std::string text) {
  text.resize((text.size() + 511) / 512 * 512, '\0');
  return text;
}

inline std::string tar_header(const TarMember& member, std::uint64_t size) {
  std::string header(512, '\0');
  header.replace(0, std::min<std::size_t>(100, member.name.size()), member.name, 0, 100);
  put_octal(header, 100, 8, member.mode);
  put_octal(header, 108, 8, member.uid);
  put_octal(header, 116, 8, member.gid);
  put_octal(header, 124, 12, size);
  put_octal(header, 136, 12, member.mtime);
  header[156] = member.type;
  header.replace(157, std::min<std::size_t>(100, member.link.size()), member.link, 0, 100);
  header.replace(257, 8, std::string("ustar\00000", 8));
  put_octal(header, 329, 8, member.major);
  put_octal(header, 337, 8, member.minor);
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put_octal(header, 148, 7, sum);
  header[154] = '\0';
  return header;
}

inline std::string tar_bytes(const TarMember& member) {
  return tar_header(member, member.data.size()) + padded(member.data);
}

// A pax header whose records stand before the member's own header.
inline std::string pax(const std::vector<std::pair<std::string, std::string>>& records,
                       char type = 'x') {
  std::string data;
  for (const auto& [key, value] : records) {
    const std::string rest = " " + key + "=" + value + "\n";
    std::size_t length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length) ++length;
    data += std::to_string(length) + rest;
  }
  return tar_bytes({"pax", type, "", data});
}

inline std::string tar_of(const std::vector<TarMember>& members) {
  std::string bytes;
  for (const TarMember& member : members) bytes += tar_bytes(member);
  return bytes + std::string(1024, '\0');
}

// What a shell command prints.
inline std::string shell(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "re");  // NOLINT(cert-env33-c): a test's own words
  if (pipe == nullptr) return text;
  std::array<char, 65536> buffer{};
  for (std::size_t count = 0; (count = ::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), count);
  }
  ::pclose(pipe);
  return text;
}

struct LayerTest : test::TemporaryDirectory {
  LayerTest() { make_directory("tree"); }

  // Into tree/. With `one_id` in a user namespace that has no other: an ordinary user's.
  Result<Unpacked> unpack(std::string_view blob, const std::string& diff_id = "",
                          const std::vector<std::string>& below = {},
                          bool one_id = ::geteuid() != 0) const {
    UnpackRequest request;
    const UniqueFd fd(::memfd_create("blob", MFD_CLOEXEC));
    EXPECT_TRUE(sys::write_all(fd.get(), blob));
    ::lseek(fd.get(), 0, SEEK_SET);
    request.blob = fd.get();
    request.blob_size = blob.size();
    request.tree = *this / "tree";
    if (!diff_id.empty()) request.diff_id = *content::Digest::parse(diff_id);
    if (one_id) {
      request.user_xattr = true;
      request.ids = {{{0, ::geteuid(), 1}}, {{0, ::getegid(), 1}}, "only one id"};
    }
    TRY(LayerUnpacker unpacker, LayerUnpacker::start(request));
    TRY(Unpacked unpacked, unpacker.wait());
    TRY_VOID(unpacker.adopt_directories(below));
    return unpacked;
  }
  // The error's text, or "" for success.
  std::string refusal(std::string_view blob) const {
    const auto unpacked = unpack(blob);
    return unpacked ? std::string() : unpacked.error().message();
  }
  [[nodiscard]] std::string in_tree(const std::string& name) const {
    return *this / "tree/" + name;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto read = sys::read_regular_at(AT_FDCWD, in_tree(name));
    return read ? *read : read.error().message();
  }
  [[nodiscard]] struct stat status(const std::string& name) const {
    struct stat found {};
    EXPECT_EQ(::lstat(in_tree(name).c_str(), &found), 0) << name;
    return found;
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    struct stat found {};
    return ::lstat(in_tree(name).c_str(), &found) == 0;
  }
  [[nodiscard]] bool is_whiteout(const std::string& name) const {
    struct stat found {};
    return ::lstat(in_tree(name).c_str(), &found) == 0 && S_ISCHR(found.st_mode) &&
           found.st_rdev == 0;
  }
};

}  // namespace mycontainer::rootfs::layer
