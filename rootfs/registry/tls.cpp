#include "rootfs/registry/tls.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "rootfs/content/crypto.h"
#include "rootfs/registry/tls_stream.h"

namespace mycontainer::rootfs::registry {

namespace {

constexpr std::array kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Arch, Gentoo
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL before
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // Alpine
};
constexpr std::array kDirectories = {"/etc/ssl/certs", "/etc/pki/tls/certs"};

const char* variable(const char* name) {
  const char* value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return value != nullptr && *value != '\0' ? value : nullptr;
}

// A system without any authorities is no error here: a registry's own may do.
void load_system_authorities(SSL_CTX* context) {
  const char* file = variable("SSL_CERT_FILE");
  const char* directory = variable("SSL_CERT_DIR");
  if (file == nullptr) {
    const auto found =
        std::ranges::find_if(kBundles, [](const char* path) { return ::access(path, R_OK) == 0; });
    if (found != kBundles.end()) file = *found;
  }
  if (file != nullptr) ::SSL_CTX_load_verify_file(context, file);
  if (directory != nullptr) {
    ::SSL_CTX_load_verify_dir(context, directory);
  } else {
    for (const char* path : kDirectories) ::SSL_CTX_load_verify_dir(context, path);
  }
  ::ERR_clear_error();
}

Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::vector<std::string> names;
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) {
    if (errno == ENOENT) return names;
    return fail_errno("open {}", directory);
  }
  while (const dirent* entry = ::readdir(stream)) names.emplace_back(entry->d_name);
  ::closedir(stream);
  std::ranges::sort(names);
  return names;
}

Result<void> load_identity(SSL_CTX* context, const std::string& certificate) {
  const std::string key = certificate.substr(0, certificate.size() - 5) + ".key";
  if (::access(key.c_str(), F_OK) != 0) {
    return Failure(Error{fmt::format("missing key {} for client certificate {}", key, certificate),
                         0, "authorities have names that end with .crt", 0});
  }
  if (::SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return fail("certificate {}: {}", certificate, openssl_reason());
  }
  if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail("key {}: {}", key, openssl_reason());
  }
  return {};
}

// What a registry's own directories say; returns whether there is a certificate of ours.
Result<bool> load_directories(SSL_CTX* context, const std::vector<std::string>& directories,
                              bool identified) {
  bool has_identity = false;
  for (const std::string& directory : directories) {
    TRY(const auto names, names_in(directory));
    for (const std::string& name : names) {
      const std::string path = directory + "/" + name;
      if (name.ends_with(".crt") && ::SSL_CTX_load_verify_file(context, path.c_str()) != 1) {
        return fail("certificate {}: {}", path, openssl_reason());
      }
      if (!name.ends_with(".cert")) continue;
      has_identity = true;
      if (identified) TRY_VOID(load_identity(context, path));
    }
  }
  return has_identity;
}

Result<std::shared_ptr<SSL_CTX>> new_context(const TlsOptions& options) {
  std::shared_ptr<SSL_CTX> context(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free);
  if (!context) return fail("TLS: {}", openssl_reason());
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // HTTP says where its messages end; a server that just hangs up after one is common.
  ::SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_AUTO_RETRY);
  ::SSL_CTX_set_read_ahead(context.get(), 1);
  ::SSL_CTX_set_default_read_buffer_len(context.get(), std::size_t{128} << 10);
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (options.verifies) {
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    load_system_authorities(context.get());
  }
  return context;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

bool set_host(SSL* ssl, const std::string& host, bool verifies) {
  if (is_address(host)) {
    return !verifies || ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1;
  }
  ::SSL_set_tlsext_host_name(ssl, const_cast<char*>(host.c_str()));  // NOLINT: it does not write
  if (!verifies) return true;
  ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return ::SSL_set1_host(ssl, host.c_str()) == 1;
}

// Two records that are none of TLS: HTTP in the clear, and anything else.
bool is_no_tls(unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  return ERR_GET_LIB(code) == ERR_LIB_SSL &&
         (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
          reason == SSL_R_HTTPS_PROXY_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
          reason == SSL_R_UNEXPECTED_MESSAGE);
}

Failure handshake_failure(SSL* ssl, const std::string& host) {
  const long verdict = ::SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) {
    ::ERR_clear_error();
    return fail("{}: certificate not accepted: {}", host, ::X509_verify_cert_error_string(verdict));
  }
  return fail("{}: TLS handshake: {}", host, openssl_reason());
}

}  // namespace

Result<TlsContext> TlsContext::make(const TlsOptions& options) {
  content::prepare_crypto();
  TlsContext made;
  made.verifies_ = options.verifies;
  TRY(made.anonymous_, new_context(options));
  TRY(const bool has_identity,
      load_directories(made.anonymous_.get(), options.certificate_directories, false));
  if (!has_identity) return made;
  TRY(made.identified_, new_context(options));
  TRY_VOID(load_directories(made.identified_.get(), options.certificate_directories, true));
  return made;
}

Result<std::unique_ptr<Stream>> TlsContext::wrap(std::unique_ptr<Stream> lower,
                                                 const std::string& host, bool identified,
                                                 Refusal& refusal) const {
  refusal = Refusal::kLasting;
  SSL* ssl = ::SSL_new(identified && identified_ ? identified_.get() : anonymous_.get());
  if (ssl == nullptr) return fail("TLS: {}", openssl_reason());
  auto stream = std::make_unique<TlsStream>(ssl, std::move(lower));
  if (!set_host(ssl, host, verifies_)) return fail("{}: no host name", host);
  auto done = stream->shake_hands();
  if (done) {
    refusal = Refusal::kNone;
    return std::unique_ptr<Stream>(std::move(stream));
  }
  if (stream->has_heard_nothing() || is_no_tls(::ERR_peek_last_error())) {
    refusal = Refusal::kNotTls;
  } else if (done.error().code != EPROTO) {
    refusal = Refusal::kBroken;
  }
  if (done.error().code != EPROTO) return within(host, std::move(done).error());
  return handshake_failure(ssl, host);
}

}  // namespace mycontainer::rootfs::registry
