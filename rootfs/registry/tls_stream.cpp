#include "rootfs/registry/tls_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <climits>

namespace mycontainer::rootfs::registry {

namespace {

TlsStream::Channel& channel_of(BIO* bio) {
  return *static_cast<TlsStream::Channel*>(::BIO_get_data(bio));
}

int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
  auto& channel = channel_of(bio);
  auto result = channel.lower->write_all({bytes, size});
  if (!result) {
    channel.failure = std::move(result).error();
    return 0;
  }
  *written = size;
  return 1;
}

int bio_read(BIO* bio, char* buffer, std::size_t size, std::size_t* count) {
  auto& channel = channel_of(bio);
  *count = 0;
  auto result = channel.lower->read_some(buffer, size);
  if (!result) {
    channel.failure = std::move(result).error();
    return 0;
  }
  channel.received += *result;
  *count = *result;
  if (*result == 0) ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return *result > 0 ? 1 : 0;
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}

// Once for the program; lives as long as it.
BIO_METHOD* stream_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    ::BIO_meth_set_write_ex(made, bio_write);
    ::BIO_meth_set_read_ex(made, bio_read);
    ::BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ::ERR_peek_last_error();
  ::ERR_clear_error();
  if (code == 0) return "the connection was closed";
  const char* reason = ::ERR_reason_error_string(code);
  return reason != nullptr ? reason : fmt::format("error {:#x} of OpenSSL", code);
}

TlsStream::TlsStream(SSL* ssl, std::unique_ptr<Stream> lower)
    : channel_(std::make_unique<Channel>()), ssl_(ssl) {
  channel_->lower = std::move(lower);
  BIO* bio = ::BIO_new(stream_method());
  ::BIO_set_data(bio, channel_.get());
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(ssl, bio, bio);
}

Failure TlsStream::failed(const char* what) {
  if (channel_->failure) {
    ::ERR_clear_error();
    return Failure(*std::exchange(channel_->failure, std::nullopt));
  }
  return fail_code(ECONNRESET, "{}: {}", what, openssl_reason());
}

Result<void> TlsStream::shake_hands() {
  ::ERR_clear_error();
  if (::SSL_connect(ssl_.get()) == 1) return {};
  if (channel_->failure) return failed("TLS handshake");
  return fail_code(EPROTO, "TLS handshake");  // the caller reads the reason
}

Result<std::size_t> TlsStream::read_some(char* buffer, std::size_t size) {
  ::ERR_clear_error();
  const int wanted = static_cast<int>(std::min<std::size_t>(size, INT_MAX));
  const int count = ::SSL_read(ssl_.get(), buffer, wanted);
  if (count > 0) return static_cast<std::size_t>(count);
  if (::SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN) return 0U;
  return failed("TLS");
}

Result<void> TlsStream::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    ::ERR_clear_error();
    const int wanted = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
    const int count = ::SSL_write(ssl_.get(), bytes.data(), wanted);
    if (count <= 0) return failed("TLS");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

bool TlsStream::is_readable() const {
  return ::SSL_pending(ssl_.get()) > 0 || channel_->lower->is_readable();
}

}  // namespace mycontainer::rootfs::registry
