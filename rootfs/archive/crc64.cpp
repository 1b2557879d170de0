// liblzma's CRC64 in plain C++. The library's own asks the processor what it can do in a constructor, before
// main: instructions that each trap in a virtual machine, at every start of this program, and `run`
// starts it twice. Where the linker finds lzma_crc64 here, it leaves that object out. It is the check
// at the end of an .xz stream (xz-file-format, 6): decompression takes several times as long.
#include <lzma.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace {

constexpr std::array<std::uint64_t, 256> make_table() {
  constexpr std::uint64_t kPolynomial = 0xC96C5795D7870F42;  // of ECMA-182, reflected
  std::array<std::uint64_t, 256> table{};
  for (std::uint64_t byte = 0; byte < table.size(); ++byte) {
    std::uint64_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[byte] = value;
  }
  return table;
}

constexpr std::array<std::uint64_t, 256> kTable = make_table();

}  // namespace

extern "C" std::uint64_t lzma_crc64(const std::uint8_t* bytes, std::size_t size,
                                    std::uint64_t crc) noexcept {
  crc = ~crc;
  for (std::size_t i = 0; i < size; ++i) crc = kTable[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}
