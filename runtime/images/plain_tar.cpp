#include "runtime/images/plain_tar.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace mycontainer::runtime::images {

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::array<char, 2 * kBlock> kZeros{};

// Where a field begins and how long it is (POSIX.1, pax, "ustar Interchange Format").
struct Field {
  std::size_t offset, length;
};
constexpr Field kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kTime{136, 12},
    kChecksum{148, 8}, kType{156, 1}, kMagic{257, 8}, kMajor{329, 8}, kMinor{337, 8};

void put(std::string& header, const Field& field, std::string_view text) {
  header.replace(field.offset, std::min(field.length, text.size()), text.substr(0, field.length));
}

void put_octal(std::string& header, const Field& field, std::uint64_t number) {
  put(header, field, fmt::format("{:0{}o}", number, field.length - 1));
}

void put_size(std::string& header, std::uint64_t size) {
  if (size < std::uint64_t{1} << 33) return put_octal(header, kSize, size);
  header[kSize.offset] = '\x80';
  for (std::size_t byte = 0; byte < 8; ++byte) {
    header[kSize.offset + kSize.length - 1 - byte] = static_cast<char>((size >> (8 * byte)) & 0xff);
  }
}

}  // namespace

std::string tar_header(std::string_view name, std::uint64_t size) {
  const bool directory = name.ends_with('/');
  std::string header(kBlock, '\0');
  put(header, {0, 100}, name);
  put_octal(header, kMode, directory ? 0755 : 0644);
  for (const Field& field : {kUid, kGid, kTime, kMajor, kMinor}) put_octal(header, field, 0);
  put_size(header, size);
  put(header, kType, directory ? "5" : "0");
  put(header, kMagic, std::string_view("ustar\00000", 8));
  put(header, kChecksum, "        ");
  const unsigned sum = std::accumulate(header.begin(), header.end(), 0U, [](unsigned all, char c) {
    return all + static_cast<unsigned char>(c);
  });
  put(header, kChecksum, fmt::format("{:06o}", sum));
  header[kChecksum.offset + 6] = '\0';
  return header;
}

std::string_view tar_padding(std::uint64_t size) {
  return {kZeros.data(), static_cast<std::size_t>((kBlock - size % kBlock) % kBlock)};
}

std::string_view tar_end() { return {kZeros.data(), kZeros.size()}; }

}  // namespace mycontainer::runtime::images
