// Client: blobs and manifests to the registry (distribution-spec, "Push").
#include <algorithm>

#include "rootfs/registry/answer.h"
#include "rootfs/registry/client_impl.h"

namespace mycontainer::rootfs::registry {

namespace {

// What a registry that takes no whole blob is offered instead (413).
constexpr std::uint64_t kSmallChunk = std::uint64_t{16} << 20;

class Upload {
 public:
  Upload(Client::Impl& impl, const Descriptor& blob, const Client::BlobSource& read,
         const std::function<void(std::uint64_t)>& progress)
      : impl_(impl), blob_(blob), read_(read), progress_(progress), chunk_(blob.size) {}

  Result<void> run() {
    if (impl_.begun && impl_.begun->first == blob_.digest) {
      place_ = std::move(impl_.begun->second);
      impl_.begun.reset();
    }
    Attempts attempts(*impl_.caller.session());
    while (true) {
      const std::uint64_t before = at_;
      auto response = step();
      if (response && is_done_) return {};
      if (at_ > before) attempts.start_over();
      if (response && response->succeeded()) continue;
      if (response && response->status == 413 && chunk_ > kSmallChunk) {
        chunk_ = kSmallChunk;
        place_.reset();
        continue;
      }
      const bool again = response ? is_passing(response->status) || is_lost(response->status)
                                  : impl_.caller.may_pass();
      if (again && attempts.another(response ? retry_after(*response) : std::nullopt)) {
        TRY(const bool is_there, find_place());
        if (is_there) return {};
        continue;
      }
      if (!response) return Failure(std::move(response).error());
      return Failure(error_of(*response));
    }
  }

 private:
  // The upload is not known any more, or not as far as we believe.
  [[nodiscard]] bool is_lost(int status) const {
    return place_ && (status == 404 || status == 400 || status == 416);
  }

  // The next request of the upload: its beginning, a chunk, its end.
  Result<Response> step() {
    if (!place_) {
      at_ = 0;
      return moved(impl_.caller.once(impl_.below("POST", "blobs/uploads/")), 202);
    }
    if (at_ < blob_.size) return send_chunk();
    Request request{.method = "PUT", .url = *place_};
    request.url.target = with_parameter(request.url.target, "digest", blob_.digest.text());
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    auto response = impl_.caller.once(request);
    is_done_ = response && response->status == 201;
    return response;
  }

  Result<Response> send_chunk() {
    const std::uint64_t begin = at_, size = std::min(chunk_, blob_.size - at_);
    Request request{.method = "PATCH", .url = *place_};
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    if (size < blob_.size) {
      request.headers.emplace_back("Content-Range", fmt::format("{}-{}", begin, begin + size - 1));
    }
    request.body = Body{size, [this, begin](std::uint64_t offset, char* buffer, std::size_t room) {
                          if (progress_) progress_(begin + offset);
                          return read_(begin + offset, buffer, room);
                        }};
    auto response = moved(impl_.caller.once(request), 202, 204);
    if (response && response->succeeded()) {
      at_ = begin + size;
      if (progress_) progress_(at_);
    }
    return response;
  }

  // Takes the place to go on from an answer that is as it should be.
  Result<Response> moved(Result<Response> response, int wanted, int also = 0) {
    if (!response || (response->status != wanted && response->status != also)) return response;
    TRY(place_, impl_.caller.location(*response));
    return response;
  }

  // After something broke: how far the registry got. It may even have all of it.
  Result<bool> find_place() {
    if (!place_) return false;
    auto response = impl_.caller.once(Request{.method = "GET", .url = *place_});
    if (response && (response->status == 204 || response->status == 202)) {
      if (!response->header("Location").empty()) {
        TRY(place_, impl_.caller.location(*response));
      }
      at_ = std::min(range_end(response->header("Range")), blob_.size);
      return false;
    }
    place_.reset();
    TRY(const Response found,
        impl_.caller.ask(impl_.below("HEAD", "blobs/" + blob_.digest.text())));
    return found.status == 200;
  }

  Client::Impl& impl_;
  const Descriptor& blob_;
  const Client::BlobSource& read_;
  const std::function<void(std::uint64_t)>& progress_;
  std::uint64_t at_ = 0, chunk_;
  std::optional<Url> place_;  // where the next request goes
  bool is_done_ = false;
};

}  // namespace

Result<void> Client::push_blob(const Descriptor& blob, const BlobSource& read,
                               const std::function<void(std::uint64_t)>& progress) {
  return Upload(*impl_, blob, read, progress).run();
}

Result<bool> Client::mount_blob(const Digest& digest, std::string_view from) {
  Request request = impl_->below("POST", "blobs/uploads/");
  request.url.target = with_parameter(request.url.target, "mount", digest.text());
  request.url.target = with_parameter(request.url.target, "from", from);
  TRY(const Response response, impl_->expect(request, {201, 202}));
  if (response.status == 201) return true;
  TRY(Url place, impl_->caller.location(response));
  impl_->begun.emplace(digest, std::move(place));
  return false;
}

Result<Digest> Client::push_manifest(std::string_view reference, std::string_view media_type,
                                     std::string_view bytes) {
  Request request = impl_->below("PUT", "manifests/" + std::string(reference));
  request.headers.emplace_back("Content-Type", media_type);
  request.body =
      Body{bytes.size(),
           [bytes](std::uint64_t offset, char* buffer, std::size_t size) -> Result<std::size_t> {
             return bytes.copy(buffer, size, offset);
           }};
  TRY(const Response response, impl_->expect(request, {200, 201}));
  const Digest ours = content::digest_of(bytes);
  const std::string_view text = response.header("Docker-Content-Digest");
  if (text.empty()) return ours;
  TRY(const Digest theirs, Digest::parse(text));
  if (theirs != ours && theirs.kind() == ours.kind()) {
    return fail("the registry stored the manifest {} as {}", ours.text(), theirs.text());
  }
  return ours;
}

}  // namespace mycontainer::rootfs::registry
