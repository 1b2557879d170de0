// A client of one registry (OCI distribution-spec 1.1 over HTTP/1.1): manifests and blobs, both ways.
// Any process; one object a thread, but copies of one Session's sign-on may be shared by all.
//
// HTTP is Boost.Beast on a connection of our own (TCP, TLS by OpenSSL, proxies by CONNECT), names are
// looked up by c-ares: a static program has no resolver of its own that works everywhere. Every wait
// ends: 30 s to connect, 60 s without a byte. Requests that failed for no lasting reason (a broken
// connection, 408, 429 with Retry-After, 5xx) are tried five times, with growing pauses; a registry
// that never could be reached is not waited for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/descriptor.h"
#include "rootfs/registry/configuration.h"
#include "rootfs/registry/keychain.h"

namespace mycontainer::rootfs::registry {

using content::Digest;
using image::Descriptor;

struct ClientRequest {
  Endpoint endpoint;
  std::string repository;  // its path there: "library/alpine"
  std::optional<Credentials> credentials = {};
  bool push = false;  // which rights a token is asked for
  std::string mount_from =
      {};  // push: another repository there whose blobs may be mounted; "" none
  // How the pauses between attempts are made; empty: by sleeping (tests do not).
  std::function<void(std::chrono::milliseconds)> pause = {};
};

struct FetchedManifest {
  std::string media_type;
  Digest digest;  // of `bytes`, verified: the one asked for, when a digest was asked for
  std::string bytes;
};

// Errors carry the registry's own words ("unauthorized: authentication required"), and EACCES for
// 401 and 403, ENOENT for 404, as `code`.
class Client {
 public:
  // Opens no connection yet.
  static Result<Client> open(ClientRequest request);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();
  // Another one for another thread, with the same sign-on (token).
  [[nodiscard]] Client clone() const;

  // Whether the registry takes our credentials (GET /v2/); for login. Returns an identity token, if it gave one.
  Result<std::string> sign_on();

  // `reference`: a tag or a digest.
  Result<FetchedManifest> manifest(std::string_view reference);
  Result<std::vector<std::string>> tags();

  // The blob's bytes from `offset` on, in order. `take` gets them; when it fails, so does this, with
  // its error. When the server cannot begin at `offset`, `restart` is called and all comes. Goes on by itself
  // after a broken connection. Bounded by descriptor.size; the digest is the caller's to verify. URLs in the descriptor are
  // never followed; redirects are, without our credentials on another host.
  struct BlobSink {
    std::function<Result<void>(std::string_view)> take;
    std::function<Result<void>()> restart;
  };
  Result<void> fetch_blob(const Descriptor& blob, std::uint64_t offset, const BlobSink& sink);

  Result<bool> has_blob(const Digest& digest);
  // Makes the blob of another repository one of this one; false: it has to be uploaded.
  Result<bool> mount_blob(const Digest& digest, std::string_view from);
  // `read` fills the buffer from the given offset and returns how much. The upload is one stream, or
  // chunks where the registry takes no large one, and goes on where it says after a broken
  // connection (`progress` may go back).
  using BlobSource =
      std::function<Result<std::size_t>(std::uint64_t offset, char* buffer, std::size_t size)>;
  Result<void> push_blob(const Descriptor& blob, const BlobSource& read,
                         const std::function<void(std::uint64_t)>& progress);
  // Returns the digest the registry knows it by; another than ours is an error.
  Result<Digest> push_manifest(std::string_view reference, std::string_view media_type,
                               std::string_view bytes);

  struct Impl;  // client_impl.h, for this folder

 private:
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mycontainer::rootfs::registry
