// Client: blobs from the registry.
#include "rootfs/registry/answer.h"
#include "rootfs/registry/client_impl.h"

namespace mycontainer::rootfs::registry {

namespace {

// One blob on its way, over as many answers as it takes.
class Download {
 public:
  Download(Client::Impl& impl, const Descriptor& blob, std::uint64_t offset,
           const Client::BlobSink& sink)
      : impl_(impl), blob_(blob), sink_(sink), at_(offset) {}

  Result<void> run() {
    Attempts attempts(*impl_.caller.session());
    while (at_ < blob_.size) {
      const std::uint64_t before = at_;
      auto response = next();
      if (response && at_ == blob_.size) return {};
      if (at_ > before) attempts.start_over();
      if (response && response->status == 416 && at_ > 0) {
        TRY_VOID(start_over());
        if (attempts.another()) continue;
      }
      const bool again = response ? is_passing(response->status) : impl_.caller.may_pass();
      if (again && attempts.another(response ? retry_after(*response) : std::nullopt)) continue;
      if (!response) return Failure(std::move(response).error());
      if (response->succeeded()) {
        return fail("blob {} is {} bytes long, not {}", blob_.digest.text(), at_, blob_.size);
      }
      return Failure(error_of(*response));
    }
    return {};
  }

 private:
  Result<void> start_over() {
    at_ = 0;
    return sink_.restart();
  }

  Result<Take> taker(const Response& head) {
    if (head.status != 200 && head.status != 206) return Take();
    if (head.status == 206) {
      const auto begin = range_begin(head.header("Content-Range"));
      if (begin != at_)
        return fail("the registry sent another part of blob {}", blob_.digest.text());
    } else if (at_ > 0) {
      TRY_VOID(start_over());
    }
    return Take([this](std::string_view bytes) -> Result<void> {
      if (bytes.size() > blob_.size - at_) {
        return fail("blob {} is longer than {} bytes", blob_.digest.text(), blob_.size);
      }
      TRY_VOID(sink_.take(bytes));
      at_ += bytes.size();
      return {};
    });
  }

  Result<Response> next() {
    Request request = impl_.below("GET", "blobs/" + blob_.digest.text());
    if (at_ > 0) request.headers.emplace_back("Range", fmt::format("bytes={}-", at_));
    return impl_.caller.once(request, [this](const Response& head) { return taker(head); });
  }

  Client::Impl& impl_;
  const Descriptor& blob_;
  const Client::BlobSink& sink_;
  std::uint64_t at_;
};

}  // namespace

Result<void> Client::fetch_blob(const Descriptor& blob, std::uint64_t offset,
                                const BlobSink& sink) {
  if (offset > blob.size) return fail("blob {} has no byte {}", blob.digest.text(), offset);
  return Download(*impl_, blob, offset, sink).run();
}

Result<bool> Client::has_blob(const Digest& digest) {
  TRY(const Response response,
      impl_->expect(impl_->below("HEAD", "blobs/" + digest.text()), {200, 404}));
  return response.status == 200;
}

}  // namespace mycontainer::rootfs::registry
