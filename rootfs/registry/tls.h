// TLS by OpenSSL over any stream: 1.2 or later, certificates and host names verified unless told
// otherwise. Any process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/registry/stream.h"

struct ssl_ctx_st;

namespace mycontainer::rootfs::registry {

struct TlsOptions {
  bool verifies = true;
  // *.crt: authorities beside the system's; NAME.cert with NAME.key: who we are.
  std::vector<std::string> certificate_directories;
};

// What all connections of one registry share; the same object may be used by several threads.
class TlsContext {
 public:
  // The system's authorities: $SSL_CERT_FILE and $SSL_CERT_DIR, else the places where distributions
  // have them.
  static Result<TlsContext> make(const TlsOptions& options);

  enum class Refusal {
    kNone,
    kNotTls,  // what answers does not speak TLS at all
    kBroken,  // the connection broke: another one may do
    kLasting,
  };
  // Shakes hands with `host`; on failure `refusal` says of what kind it is. Our own certificate is shown
  // only with `identified`.
  Result<std::unique_ptr<Stream>> wrap(std::unique_ptr<Stream> lower, const std::string& host,
                                       bool identified, Refusal& refusal) const;

 private:
  TlsContext() = default;
  bool verifies_ = true;
  std::shared_ptr<ssl_ctx_st> anonymous_, identified_;  // the second is empty without a certificate
};

}  // namespace mycontainer::rootfs::registry
