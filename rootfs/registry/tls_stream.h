// OpenSSL's view of a Stream. Private to TLS.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

#include "rootfs/registry/stream.h"

namespace mycontainer::rootfs::registry {

class TlsStream final : public Stream {
 public:
  TlsStream(SSL* ssl, std::unique_ptr<Stream> lower);

  Result<void> shake_hands();
  [[nodiscard]] bool has_heard_nothing() const { return channel_->received == 0; }

  Result<std::size_t> read_some(char* buffer, std::size_t size) override;
  Result<void> write_all(std::string_view bytes) override;
  [[nodiscard]] bool is_readable() const override;

  // What a BIO of ours works on; it waits itself, so that OpenSSL never has to be called again.
  struct Channel {
    std::unique_ptr<Stream> lower;
    std::optional<Error> failure;  // of the stream below, which OpenSSL knows nothing of
    std::uint64_t received = 0;
  };

 private:
  struct Free {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
  };
  Failure failed(const char* what);

  std::unique_ptr<Channel> channel_;
  std::unique_ptr<SSL, Free> ssl_;
};

// OpenSSL's reason for the last failure of this thread, as a few words; the queue is empty afterwards.
std::string openssl_reason();

}  // namespace mycontainer::rootfs::registry
