#include "runtime/images/download.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "runtime/images/interruption.h"

namespace mycontainer::runtime::images {

namespace {

using rootfs::content::BlobStore;
using rootfs::content::BlobWriter;
using rootfs::image::Descriptor;
using rootfs::registry::Client;

constexpr std::size_t kAtOnce = 4;
constexpr std::uint64_t kBetweenReports = 256 * 1024;

void tell(const Report& report, const Descriptor& blob, Phase phase, std::uint64_t current = 0) {
  if (report) report({blob.digest.short_hex(), phase, current, blob.size, {}});
}

Result<void> check_size(const BlobStore& blobs, const Descriptor& blob) {
  TRY(const std::uint64_t size, blobs.size(blob.digest));
  if (size == blob.size) return {};
  return fail("{} has {} bytes, not the {} of the manifest", blob.digest.text(), size, blob.size);
}

Result<void> fetch_rest(Client& client, BlobWriter& writer, const Descriptor& blob,
                        const Report& report) {
  std::uint64_t told = writer.offset();
  tell(report, blob, Phase::kDownloading, told);
  Client::BlobSink sink;
  sink.take = [&](std::string_view bytes) -> Result<void> {
    TRY_VOID(Interruption::check());
    TRY_VOID(writer.write(bytes));
    if (writer.offset() < told + kBetweenReports) return {};
    told = writer.offset();
    tell(report, blob, Phase::kDownloading, told);
    return {};
  };
  sink.restart = [&]() -> Result<void> {
    told = 0;
    return writer.restart();
  };
  return client.fetch_blob(blob, writer.offset(), sink);
}

// What an interrupted download left may be wrong (a disk that lost power): that is found out at the
// end, and all comes anew.
Result<void> fetch(Client& client, BlobWriter writer, const Descriptor& blob, bool& from_remains,
                   const Report& report) {
  from_remains = writer.offset() > 0;
  if (writer.offset() < blob.size) TRY_VOID(fetch_rest(client, writer, blob, report));
  tell(report, blob, Phase::kVerifying, blob.size);
  const bool whole = writer.offset() == blob.size;
  auto digest = writer.commit();
  from_remains = from_remains && whole && !digest && digest.error().code == 0;
  if (!digest) return Failure(std::move(digest).error());
  return {};
}

// What the threads share.
class Queue {
 public:
  explicit Queue(std::size_t size) : size_(size) {}

  std::optional<std::size_t> next() {
    const std::lock_guard lock(mutex_);
    if (failure_ || next_ == size_) return std::nullopt;
    return next_++;
  }
  void fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
  }
  [[nodiscard]] bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }
  Result<void> outcome() {
    if (failure_) return Failure(*std::move(failure_));
    return {};
  }

 private:
  std::mutex mutex_;
  std::size_t size_, next_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Report serialized(Report report) {
  if (!report) return report;
  return [report = std::move(report),
          mutex = std::make_shared<std::mutex>()](const Progress& progress) {
    const std::lock_guard lock(*mutex);
    report(progress);
  };
}

Result<void> download_blob(Client& client, const BlobStore& blobs, const Descriptor& blob,
                           const Report& report) {
  bool from_remains = true;
  for (int attempt = 0; attempt < 2 && from_remains; ++attempt) {
    if (blobs.has(blob.digest)) return check_size(blobs, blob);
    TRY(BlobWriter writer, blobs.begin(blob.digest, blob.size));
    // Another process may have brought it while we waited.
    if (blobs.has(blob.digest)) return check_size(blobs, blob);
    auto fetched = fetch(client, std::move(writer), blob, from_remains, report);
    if (fetched || !from_remains || attempt > 0) return fetched;
  }
  return {};
}

Result<void> download_blobs(Client& client, const BlobStore& blobs,
                            const std::vector<Descriptor>& wanted,
                            const std::function<void(std::size_t)>& is_here, const Report& report) {
  Queue queue(wanted.size());
  const Report unless_failed = !report ? report : [&](const Progress& progress) {
    if (!queue.failed()) report(progress);
  };
  const auto work = [&](Client& mine) {
    while (const auto number = queue.next()) {
      auto done = Interruption::check();
      if (done) done = download_blob(mine, blobs, wanted[*number], unless_failed);
      if (done) {
        is_here(*number);
      } else {
        queue.fail(std::move(done).error());
      }
    }
  };
  std::vector<std::thread> threads;
  const std::size_t count = std::min(kAtOnce, wanted.size());
  for (std::size_t i = 1; i < count; ++i) {
    // Without another thread it goes on with those there are.
    try {
      threads.emplace_back([&work, copy = client.clone()]() mutable { work(copy); });
    } catch (const std::system_error&) {
      break;
    }
  }
  work(client);
  for (std::thread& thread : threads) thread.join();
  return queue.outcome();
}

}  // namespace mycontainer::runtime::images
