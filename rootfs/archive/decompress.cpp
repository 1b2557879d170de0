#include "rootfs/archive/decompress.h"

#include <array>
#include <string>
#include <vector>

#include "rootfs/archive/decoder.h"

namespace mycontainer::rootfs::archive {

namespace {

using namespace std::string_view_literals;

struct Known {
  std::string_view beginning;
  Compression compression;
};
constexpr std::array kKnown = {
    Known{"\x1f\x8b"sv, Compression::kGzip},
    Known{"\x28\xb5\x2f\xfd"sv, Compression::kZstd},
    Known{"\xfd\x37\x7a\x58\x5a\x00"sv, Compression::kXz},
    Known{"BZh"sv, Compression::kBzip2},
};
constexpr std::size_t kLongest = 6;
constexpr std::size_t kPiece = 256 << 10;

bool is_skippable_zstd_frame(std::string_view beginning) {
  return beginning.size() >= 4 && (beginning[0] & '\xf0') == '\x50' &&
         beginning.substr(1, 3) == "\x2a\x4d\x18"sv;
}

}  // namespace

Compression compression_of(std::string_view beginning) {
  for (const Known& known : kKnown) {
    if (beginning.starts_with(known.beginning)) return known.compression;
  }
  return is_skippable_zstd_frame(beginning) ? Compression::kZstd : Compression::kNone;
}

struct Decompressor::State {
  Result<std::string_view> first_piece();
  Result<void> refill();
  Result<std::string_view> decompressed();

  Source source;
  std::string beginning = {};  // pieces that were too short to tell
  bool begun = false, ended = false;
  Compression compression = Compression::kNone;
  std::unique_ptr<Decoder> decoder = {};
  std::string_view in = {};
  std::vector<char> out = {};
};

// Long enough to tell what it is, or all there is.
Result<std::string_view> Decompressor::State::first_piece() {
  TRY(const std::string_view first, source());
  if (first.size() >= kLongest || first.empty()) return first;
  beginning = first;
  while (beginning.size() < kLongest) {
    TRY(const std::string_view more, source());
    if (more.empty()) break;
    beginning += more;
  }
  return std::string_view(beginning);
}

Result<void> Decompressor::State::refill() {
  if (!in.empty() || ended) return {};
  TRY(in, source());
  ended = in.empty();
  return {};
}

// A whole piece, unless it is the last one.
Result<std::string_view> Decompressor::State::decompressed() {
  std::size_t filled = 0;
  while (filled < out.size()) {
    TRY_VOID(refill());
    const std::size_t before = in.size();
    TRY(const std::size_t made, decoder->step(in, std::span(out).subspan(filled), ended));
    filled += made;
    if (made > 0 || in.size() < before) continue;
    if (!in.empty()) return fail("something else follows the compressed stream");
    if (!ended) continue;
    if (!decoder->complete()) return fail("the compressed stream is cut short");
    break;
  }
  return std::string_view(out.data(), filled);
}

Decompressor::Decompressor(Source in) : state_(std::make_unique<State>(State{std::move(in)})) {}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

Compression Decompressor::compression() const { return state_->compression; }

Result<std::string_view> Decompressor::next() {
  State& state = *state_;
  if (!state.begun) {
    state.begun = true;
    TRY(state.in, state.first_piece());
    state.compression = compression_of(state.in);
    if (state.compression == Compression::kNone) return state.in;
    state.decoder = make_decoder(state.compression);
    state.out.resize(kPiece);
  }
  return state.decoder ? state.decompressed() : state.source();
}

}  // namespace mycontainer::rootfs::archive
