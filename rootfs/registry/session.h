// Requests to one registry: over TLS or, where that is allowed, without; signed on; redirects
// followed; tried again. Private to rootfs/registry.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/registry/configuration.h"
#include "rootfs/registry/http.h"
#include "rootfs/registry/token.h"

namespace mycontainer::rootfs::registry {

// What the clients of one registry share.
struct Session {
  Session(Endpoint its_endpoint, Url its_address, SignOnRequest request)
      : endpoint(std::move(its_endpoint)),
        address(std::move(its_address)),
        sign_on(std::move(request)) {}

  const Endpoint endpoint;
  const Url address;  // https
  Http::Settings settings;
  SignOn sign_on;
  std::function<void(Milliseconds)> pause;
  std::atomic<bool> is_plain = false;  // it was found to speak no TLS
  std::atomic<bool> has_answered = false;
};

// How often something was tried, and the pauses between.
class Attempts {
 public:
  explicit Attempts(const Session& session) : session_(session) {}
  // False when it has been tried often enough; pauses otherwise, as long as `asked` if the server did ask.
  bool another(std::optional<Milliseconds> asked = std::nullopt);
  void start_over() { made_ = 1; }  // there was progress

 private:
  static constexpr int kMost = 5;
  static constexpr int kMostEver = 200;  // a server that drips is not waited for without end
  const Session& session_;
  int made_ = 1, ever_ = 1;
};

class Caller {
 public:
  explicit Caller(std::shared_ptr<Session> session);

  // A request for a path below /v2/ there.
  [[nodiscard]] Request request(std::string method, std::string_view path) const;
  // One answer, whatever its status; may_pass() says afterwards whether an error is of the connection only.
  Result<Response> once(const Request& request, const Http::Choose& choose = {});
  [[nodiscard]] bool may_pass() const;
  // The same, tried again while the failure or the status may pass.
  Result<Response> ask(const Request& request, const Http::Choose& choose = {});

  // Where an answer's Location leads; never from https to http.
  [[nodiscard]] Result<Url> location(const Response& response) const;
  [[nodiscard]] const std::shared_ptr<Session>& session() const { return session_; }

 private:
  Result<Response> exchange(Request request, const Http::Choose& choose);
  Result<Response> followed(Request request, const Http::Choose& choose);
  [[nodiscard]] bool is_ours(const Url& url) const;

  std::shared_ptr<Session> session_;
  Http http_;
  bool was_reached_ = false;
};

}  // namespace mycontainer::rootfs::registry
