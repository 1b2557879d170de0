// The heads and framing of HTTP messages: Boost.Beast's work, and the only place that includes it.
// Private to rootfs/registry; pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/registry/http.h"

namespace mycontainer::rootfs::registry {

// The head of a request for `target`. A header that holds a control character is an error.
Result<std::string> request_head(const Request& request, std::string_view target);

// Reads one answer from pieces of a connection.
class ResponseReader {
 public:
  // `has_body`: false for the answer to HEAD and to CONNECT.
  explicit ResponseReader(bool has_body);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  // Takes what it can from the front of `bytes` and returns how much that was; what is left is to
  // be given again, with more behind it. Stops after the head, so that a taker can be set.
  Result<std::size_t> put(std::string_view bytes);
  // The connection has ended: an error when the answer has not.
  Result<void> end();

  [[nodiscard]] bool has_head() const;
  [[nodiscard]] bool is_done() const;
  [[nodiscard]] bool keeps_alive() const;
  [[nodiscard]] Response head() const;
  void set_taker(Take take);
  // Whether put() failed because the taker did.
  [[nodiscard]] bool taker_failed() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mycontainer::rootfs::registry
