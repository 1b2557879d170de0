#include "rootfs/registry/http.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "rootfs/registry/base64.h"
#include "rootfs/registry/message.h"

namespace mycontainer::rootfs::registry {

namespace {

constexpr int kMaxInterim = 20;  // answers that only announce another (1xx)

std::pair<std::string, std::string> proxy_credentials(const Url& proxy) {
  return {"Proxy-Authorization", "Basic " + to_base64(proxy.user_info)};
}

bool announces(const Response& response) {
  return response.status >= 100 && response.status < 200 && response.status != 101;
}

}  // namespace

struct Http::Connection {
  std::string origin;
  std::unique_ptr<Stream> stream;
  std::optional<Url> proxy;  // that must be told the whole URL
  std::vector<char> buffer = std::vector<char>(kBuffer);
  std::size_t first = 0, last = 0;  // what was received and not read yet
  bool is_usable = true;

  [[nodiscard]] std::string_view waiting() const { return {buffer.data() + first, last - first}; }
  // Reads more behind what waits; false at the end.
  Result<bool> fill() {
    if (first == last) first = last = 0;
    if (last == buffer.size()) {
      std::memmove(buffer.data(), buffer.data() + first, last - first);
      last -= std::exchange(first, 0);
    }
    if (last == buffer.size()) return fail("an answer's line is too long");
    TRY(const std::size_t count, stream->read_some(buffer.data() + last, buffer.size() - last));
    last += count;
    return count > 0;
  }
};

Http::Http(Settings settings) : settings_(std::move(settings)) {}
Http::~Http() = default;

Result<void> Http::tunnel(Connection& connection, const Url& url, const Url& proxy) {
  Request request{.method = "CONNECT", .url = url};
  if (!proxy.user_info.empty()) request.headers.push_back(proxy_credentials(proxy));
  const bool is_v6 = url.host.find(':') != std::string::npos;
  const std::string target =
      (is_v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
  TRY(const std::string head, request_head(request, target));
  TRY_VOID(connection.stream->write_all(head));
  TRY(const Response response, receive(connection, false, {}));
  if (response.succeeded()) {
    connection.is_usable = true;
    return {};
  }
  trouble_ = Trouble::kLasting;
  return fail("proxy {} refuses to connect to {}: status {}", proxy.authority(), target,
              response.status);
}

Result<std::unique_ptr<Http::Connection>> Http::open(const Url& url) {
  trouble_ = Trouble::kLasting;
  TRY(const auto proxy, proxy_for(url, settings_.proxies));
  const Url& peer = proxy ? *proxy : url;
  auto connection = std::make_unique<Connection>();
  connection->origin = url.origin();
  trouble_ = Trouble::kUnreachable;
  TRY(connection->stream, connect_tcp(peer.host, peer.port, settings_.patience));
  const auto wrap = [&](const Url& whom) -> Result<void> {
    TlsContext::Refusal refusal{};
    auto wrapped = settings_.tls->wrap(std::move(connection->stream), whom.host,
                                       whom.origin() == settings_.identified_host, refusal);
    if (wrapped) {
      connection->stream = *std::move(wrapped);
      return {};
    }
    using enum TlsContext::Refusal;
    trouble_ = refusal == kNotTls   ? Trouble::kNotTls
               : refusal == kBroken ? Trouble::kBroken
                                    : Trouble::kLasting;
    return Failure(std::move(wrapped).error());
  };
  if (proxy && proxy->is_tls()) TRY_VOID(wrap(*proxy));
  if (proxy && url.is_tls()) {
    trouble_ = Trouble::kBroken;
    TRY_VOID(tunnel(*connection, url, *proxy));
  } else if (proxy) {
    connection->proxy = *proxy;
  }
  if (url.is_tls()) TRY_VOID(wrap(url));
  return connection;
}

Result<Http::Connection*> Http::connection_to(const Url& url, bool& is_fresh) {
  const auto found =
      std::ranges::find(connections_, url.origin(), [](const auto& one) { return one->origin; });
  is_fresh = false;
  if (found != connections_.end()) {
    Connection& kept = **found;
    if (kept.is_usable && kept.waiting().empty() && !kept.stream->is_readable()) return &kept;
    connections_.erase(found);
  }
  is_fresh = true;
  TRY(auto opened, open(url));
  connections_.push_back(std::move(opened));
  return connections_.back().get();
}

Result<void> Http::send(Connection& connection, const Request& request) {
  std::string target = request.url.target;
  Request sent{request.method, request.url, request.headers, request.body};
  if (connection.proxy) {
    target = request.url.text();
    if (!connection.proxy->user_info.empty()) {
      sent.headers.push_back(proxy_credentials(*connection.proxy));
    }
  }
  trouble_ = Trouble::kLasting;
  TRY(const std::string head, request_head(sent, target));
  trouble_ = Trouble::kBroken;
  TRY_VOID(connection.stream->write_all(head));
  if (!request.body) return {};
  // Nothing has been received yet, so the buffer of the other direction is free.
  std::vector<char>& buffer = connection.buffer;
  for (std::uint64_t offset = 0; offset < request.body->size;) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), request.body->size - offset);
    trouble_ = Trouble::kLasting;
    TRY(const std::size_t count, request.body->read(offset, buffer.data(), wanted));
    if (count == 0 || count > wanted) return fail("what is to be sent ends too early");
    trouble_ = Trouble::kBroken;
    TRY_VOID(connection.stream->write_all({buffer.data(), count}));
    offset += count;
  }
  return {};
}

Result<Response> Http::receive(Connection& connection, bool has_body, const Choose& choose) {
  trouble_ = Trouble::kBroken;
  connection.is_usable = false;  // until all has been read
  ResponseReader reader(has_body);
  Response response;
  while (!reader.is_done()) {
    const bool had_head = reader.has_head();
    std::size_t count = 0;
    if (!connection.waiting().empty()) {
      auto put = reader.put(connection.waiting());
      if (!put) {
        trouble_ = Trouble::kLasting;
        return Failure(std::move(put).error());
      }
      count = *put;
      connection.first += count;
    }
    if (!had_head && reader.has_head()) {
      response = reader.head();
      Take take = [&response](std::string_view bytes) -> Result<void> {
        response.body.append(bytes.substr(0, kMaxDocument - response.body.size()));
        if (response.body.size() == kMaxDocument) return fail("the answer is too large");
        return {};
      };
      if (choose) {
        trouble_ = Trouble::kLasting;
        TRY(Take chosen, choose(response));
        if (chosen) take = std::move(chosen);
        trouble_ = Trouble::kBroken;
      }
      reader.set_taker(std::move(take));
      continue;
    }
    if (count > 0 || reader.is_done()) continue;
    TRY(const bool is_more, connection.fill());
    if (is_more) continue;
    TRY_VOID(reader.end());
  }
  connection.is_usable = reader.keeps_alive();
  trouble_ = Trouble::kLasting;  // of what the caller makes of the answer
  return response;
}

Result<Response> Http::attempt(Connection& connection, const Request& request,
                               const Choose& choose) {
  auto sent = send(connection, request);
  if (!sent && trouble_ != Trouble::kBroken) {
    connection.is_usable = false;
    return Failure(std::move(sent).error());
  }
  // A server that has heard enough answers and hangs up: what it says is better than "broken pipe".
  for (int interim = 0; interim < kMaxInterim; ++interim) {
    auto response = receive(connection, request.method != "HEAD", choose);
    if (!response && !sent) return Failure(std::move(sent).error());
    if (!response) return response;
    if (!sent) connection.is_usable = false;
    if (!announces(*response)) return response;
  }
  trouble_ = Trouble::kLasting;
  connection.is_usable = false;
  return fail("the server announces answers and gives none");
}

Result<Response> Http::exchange(const Request& request, const Choose& choose) {
  bool is_fresh = false;
  TRY(Connection * connection, connection_to(request.url, is_fresh));
  bool has_answered = false;
  const Choose watch = [&](const Response& head) -> Result<Take> {
    has_answered = true;
    if (!choose || announces(head)) return Take();
    return choose(head);
  };
  auto response = attempt(*connection, request, watch);
  // A kept connection may have been closed just now: that says nothing about the server. But a body
  // that was sent may have been taken, and is not to be sent twice without asking.
  if (!response && !request.body && !is_fresh && !has_answered && trouble_ == Trouble::kBroken) {
    connection->is_usable = false;
    TRY(connection, connection_to(request.url, is_fresh));
    response = attempt(*connection, request, watch);
  }
  if (!response) {
    connection->is_usable = false;
    return within(request.url.authority(), std::move(response).error());
  }
  return response;
}

}  // namespace mycontainer::rootfs::registry
