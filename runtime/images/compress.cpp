#include "runtime/images/compress.h"

#include <libdeflate.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mycontainer::runtime::images {

namespace {

using rootfs::content::BlobStore;
using rootfs::content::BlobWriter;
using rootfs::image::Descriptor;

constexpr std::uint64_t kMember = std::uint64_t{1} << 20;
// As quick as gzip programs by default, and smaller; more costs more time than it saves bytes.
constexpr int kLevel = 4;

struct Free {
  void operator()(libdeflate_compressor* compressor) const {
    ::libdeflate_free_compressor(compressor);
  }
};

// The workers take members in turn and write them in that order.
class Compression {
 public:
  Compression(int input, std::uint64_t size, BlobWriter& output,
              const std::function<void(std::uint64_t)>& progress)
      : input_(input), size_(size), output_(output), progress_(progress) {}

  Result<void> run() {
    // An empty layer has one empty member: without any it would be no gzip file.
    members_ = std::max<std::uint64_t>(1, (size_ + kMember - 1) / kMember);
    const std::uint64_t processors = std::max(1U, std::thread::hardware_concurrency());
    {
      std::vector<std::jthread> workers;
      for (std::uint64_t i = 1; i < std::min({members_, processors, std::uint64_t{16}}); ++i) {
        workers.emplace_back([this] { work(); });
      }
      work();
    }
    if (failure_) return Failure(*std::move(failure_));
    return {};
  }

 private:
  void work() {
    const std::unique_ptr<libdeflate_compressor, Free> compressor(
        ::libdeflate_alloc_compressor(kLevel));
    std::vector<char> plain(kMember);
    std::vector<char> packed(::libdeflate_gzip_compress_bound(compressor.get(), kMember));
    while (const auto member = take_one()) {
      auto read = read_member(*member, plain);
      std::size_t count = 0;
      if (read) {
        count = ::libdeflate_gzip_compress(compressor.get(), plain.data(), *read, packed.data(),
                                           packed.size());
      }
      put(*member, std::move(read), {packed.data(), count});
    }
  }

  std::optional<std::uint64_t> take_one() {
    const std::lock_guard lock(mutex_);
    if (failure_ || taken_ == members_) return std::nullopt;
    return taken_++;
  }

  Result<std::size_t> read_member(std::uint64_t member, std::vector<char>& buffer) const {
    const std::uint64_t begin = member * kMember;
    const std::size_t wanted = std::min(kMember, size_ - begin);
    std::size_t count = 0;
    while (count < wanted) {
      const ssize_t some =
          ::pread(input_, buffer.data() + count, wanted - count, static_cast<off_t>(begin + count));
      if (some < 0 && errno == EINTR) continue;
      if (some < 0) return fail_errno("read a layer");
      if (some == 0) return fail("a layer's blob is shorter than it should be");
      count += static_cast<std::size_t>(some);
    }
    return count;
  }

  void put(std::uint64_t member, Result<std::size_t> read, std::string_view packed) {
    std::unique_lock lock(mutex_);
    turn_.wait(lock, [&] { return written_ == member || failure_; });
    if (!failure_) {
      if (auto result = read ? output_.write(packed) : Failure(std::move(read).error()); !result) {
        failure_ = std::move(result).error();
      }
      ++written_;
      if (progress_ && !failure_) progress_(std::min(size_, written_ * kMember));
    }
    turn_.notify_all();
  }

  int input_;
  std::uint64_t size_, members_ = 0;
  BlobWriter& output_;
  const std::function<void(std::uint64_t)>& progress_;
  std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t taken_ = 0, written_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

bool is_uncompressed(const Descriptor& layer) {
  return layer.media_type == rootfs::image::media_type::kOciLayer ||
         layer.media_type == rootfs::image::media_type::kDockerLayer;
}

Result<Descriptor> compress_layer(const BlobStore& blobs, const Descriptor& layer,
                                  const std::function<void(std::uint64_t)>& progress) {
  TRY(const UniqueFd input, blobs.open_blob(layer.digest));
  TRY(BlobWriter output, blobs.begin());
  TRY_VOID(Compression(input.get(), layer.size, output, progress).run());
  Descriptor packed = layer;
  packed.media_type += layer.media_type == rootfs::image::media_type::kOciLayer ? "+gzip" : ".gzip";
  packed.size = output.offset();
  TRY(packed.digest, output.commit());
  return packed;
}

}  // namespace mycontainer::runtime::images
