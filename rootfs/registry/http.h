// HTTP/1.1: requests and answers with streamed bodies, over connections that are kept. Any process; one
// thread at a time. Boost.Beast reads and writes the heads; the bytes come from a Stream.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/registry/proxy.h"
#include "rootfs/registry/stream.h"
#include "rootfs/registry/tls.h"
#include "rootfs/registry/url.h"

namespace mycontainer::rootfs::registry {

using Take = std::function<Result<void>(std::string_view)>;

struct Body {
  std::uint64_t size = 0;
  // Fills the buffer from `offset` on, and returns how much it did.
  std::function<Result<std::size_t>(std::uint64_t offset, char* buffer, std::size_t size)> read;
};

struct Request {
  std::string method = "GET";
  Url url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<Body> body = {};
};

struct Response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // of an answer that nobody took; at most kMaxDocument
  Url url;           // that answered, after redirects

  // The first of that name, whatever its case; "" when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool succeeded() const { return status >= 200 && status < 300; }
};

constexpr std::size_t kMaxDocument = std::size_t{8} << 20;  // of a body that is kept in memory
constexpr std::size_t kMaxHead = std::size_t{64} << 10;     // of an answer's head
constexpr std::size_t kBuffer = std::size_t{256} << 10;

// What may be done about a failure.
enum class Trouble {
  kLasting,      // trying again will not help
  kUnreachable,  // no connection could be made
  kNotTls,       // what answers there does not speak TLS
  kBroken,       // the connection broke, or fell silent
};

class Http {
 public:
  struct Settings {
    std::shared_ptr<const TlsContext> tls;
    ProxySettings proxies;
    Patience patience = {};
    std::string identified_host;  // where our client certificate is shown
  };
  explicit Http(Settings settings);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  // Called with the head of an answer: who takes its body? Nobody: it is kept in Response::body.
  using Choose = std::function<Result<Take>(const Response& head)>;
  // One request, one answer, whatever its status; no redirect is followed. When it fails, trouble()
  // says how.
  Result<Response> exchange(const Request& request, const Choose& choose = {});
  [[nodiscard]] Trouble trouble() const { return trouble_; }

 private:
  struct Connection;
  Result<Connection*> connection_to(const Url& url, bool& is_fresh);
  Result<std::unique_ptr<Connection>> open(const Url& url);
  Result<void> tunnel(Connection& connection, const Url& url, const Url& proxy);
  Result<void> send(Connection& connection, const Request& request);
  Result<Response> receive(Connection& connection, bool has_body, const Choose& choose);
  Result<Response> attempt(Connection& connection, const Request& request, const Choose& choose);

  Settings settings_;
  Trouble trouble_ = Trouble::kLasting;
  std::vector<std::unique_ptr<Connection>> connections_;  // one for each origin
};

}  // namespace mycontainer::rootfs::registry
