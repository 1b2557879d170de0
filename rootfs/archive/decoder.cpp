#include "rootfs/archive/decoder.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

namespace mycontainer::rootfs::archive {

namespace {

// A legitimate xz stream needs at most 65 MiB (xz -9).
constexpr std::uint64_t kMostXzMemory = 128 << 20;

unsigned short_size(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

Failure malformed(const char* what) { return fail("the {} stream is malformed", what); }

class Gzip : public Decoder {
 public:
  Gzip() { ready_ = ::inflateInit2(&stream_, MAX_WBITS + 16) == Z_OK; }
  ~Gzip() override { (void)::inflateEnd(&stream_); }

  Result<std::size_t> step(std::string_view& in, std::span<char> out, bool /*last*/) override {
    if (!ready_) return fail_code(ENOMEM, "decompress");
    if (complete_) {
      if (in.empty()) return 0;
      (void)::inflateReset(&stream_);  // another member
      complete_ = false;
    }
    const unsigned in_size = short_size(in.size()), out_size = short_size(out.size());
    // NOLINTNEXTLINE(*-const-cast): zlib does not write there
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = in_size;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = out_size;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return malformed("gzip");
    complete_ = result == Z_STREAM_END;
    in.remove_prefix(in_size - stream_.avail_in);
    return out_size - stream_.avail_out;
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  z_stream stream_{};
  bool ready_ = false, complete_ = false;
};

class Zstd : public Decoder {
 public:
  ~Zstd() override { ::ZSTD_freeDStream(stream_); }

  Result<std::size_t> step(std::string_view& in, std::span<char> out, bool /*last*/) override {
    if (stream_ == nullptr) return fail_code(ENOMEM, "decompress");
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t result = ::ZSTD_decompressStream(stream_, &to, &from);
    if (::ZSTD_isError(result) != 0) return malformed("zstd");
    // Asked again behind the end of a frame it names the size of the next one's header.
    if (from.pos > 0 || to.pos > 0) complete_ = result == 0;
    in.remove_prefix(from.pos);
    return to.pos;
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_ = ::ZSTD_createDStream();
  bool complete_ = false;
};

class Xz : public Decoder {
 public:
  Xz() { ready_ = ::lzma_stream_decoder(&stream_, kMostXzMemory, LZMA_CONCATENATED) == LZMA_OK; }
  ~Xz() override { ::lzma_end(&stream_); }

  Result<std::size_t> step(std::string_view& in, std::span<char> out, bool last) override {
    if (!ready_) return fail_code(ENOMEM, "decompress");
    if (complete_) return 0;
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream_.avail_out = out.size();
    const lzma_ret result = ::lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
    if (result == LZMA_MEMLIMIT_ERROR) return fail("the xz stream asks for too much memory");
    if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) {
      return malformed("xz");
    }
    complete_ = result == LZMA_STREAM_END;
    in.remove_prefix(in.size() - stream_.avail_in);
    return out.size() - stream_.avail_out;
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false, complete_ = false;
};

class Bzip2 : public Decoder {
 public:
  Bzip2() { ready_ = ::BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK; }
  ~Bzip2() override { (void)::BZ2_bzDecompressEnd(&stream_); }

  Result<std::size_t> step(std::string_view& in, std::span<char> out, bool /*last*/) override {
    if (complete_ && !in.empty()) {
      (void)::BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      ready_ = ::BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
      complete_ = false;
    }
    if (!ready_) return fail_code(ENOMEM, "decompress");
    if (complete_) return 0;
    const unsigned in_size = short_size(in.size()), out_size = short_size(out.size());
    // NOLINTNEXTLINE(*-const-cast): libbz2 does not write there
    stream_.next_in = const_cast<char*>(in.data());
    stream_.avail_in = in_size;
    stream_.next_out = out.data();
    stream_.avail_out = out_size;
    const int result = ::BZ2_bzDecompress(&stream_);
    if (result != BZ_OK && result != BZ_STREAM_END) return malformed("bzip2");
    complete_ = result == BZ_STREAM_END;
    in.remove_prefix(in_size - stream_.avail_in);
    return out_size - stream_.avail_out;
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  bz_stream stream_{};
  bool ready_ = false, complete_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return std::make_unique<Gzip>();
    case Compression::kZstd:
      return std::make_unique<Zstd>();
    case Compression::kXz:
      return std::make_unique<Xz>();
    case Compression::kBzip2:
      return std::make_unique<Bzip2>();
    case Compression::kNone:
      break;
  }
  return nullptr;
}

}  // namespace mycontainer::rootfs::archive
