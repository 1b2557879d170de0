// How we sign on to a registry: basic authentication, or a token from the server that the registry names
// (distribution's token specification, token.md and oauth.md). Shared by the threads that talk to
// the same registry.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/registry/challenge.h"
#include "rootfs/registry/http.h"
#include "rootfs/registry/keychain.h"

namespace mycontainer::rootfs::registry {

struct SignOnRequest {
  std::optional<Credentials> credentials;
  std::vector<std::string> scopes;  // "repository:library/alpine:pull"; empty: only who we are
  bool may_drop_tls = false;        // the registry is an insecure one
};

// What a token server answers (pure).
struct Token {
  std::string value, identity_token;
  std::int64_t seconds = 60;  // for which it is good; the specification's default
};
Result<Token> parse_token(std::string_view document);

class SignOn {
 public:
  explicit SignOn(SignOnRequest request) : request_(std::move(request)) {}

  // The Authorization header to send; "" while the registry has asked for none. A token about to
  // expire is renewed first.
  Result<std::string> authorization(Http& http);
  // After an answer 401 to a request that carried `sent`: true when it is worth another try.
  Result<bool> answer(Http& http, const Url& asked, const Response& response,
                      const std::string& sent);
  [[nodiscard]] std::string identity_token();
  [[nodiscard]] bool has_credentials() const { return request_.credentials.has_value(); }

 private:
  Result<void> fetch(Http& http);
  [[nodiscard]] Result<Request> token_request(const Url& realm) const;
  [[nodiscard]] std::string basic() const;

  SignOnRequest request_;
  std::mutex mutex_;
  std::optional<Challenge> bearer_;
  bool asked_over_tls_ = false;
  std::string authorization_, identity_token_;
  Clock::time_point expires_ = Clock::time_point::max();
};

}  // namespace mycontainer::rootfs::registry
