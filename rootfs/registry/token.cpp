#include "rootfs/registry/token.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "rootfs/registry/answer.h"
#include "rootfs/registry/base64.h"
#include "rootfs/registry/redirect.h"
#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxToken = std::size_t{32} << 10;
constexpr std::int64_t kMaxSeconds = 24 * 3600;
constexpr std::chrono::seconds kMargin{5};

std::string member(const json& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

Body body_of(std::string text) {
  return {text.size(),
          [text](std::uint64_t offset, char* buffer, std::size_t size) -> Result<std::size_t> {
            return text.copy(buffer, size, offset);
          }};
}

}  // namespace

Result<Token> parse_token(std::string_view document) {
  const json parsed = json::parse(document, nullptr, false);
  if (!parsed.is_object()) return fail("the token server's answer is no JSON object");
  Token token;
  token.value = member(parsed, "token");
  if (token.value.empty()) token.value = member(parsed, "access_token");
  token.identity_token = member(parsed, "refresh_token");
  if (token.value.empty()) return fail("the token server's answer has no token");
  if (token.value.size() > kMaxToken) return fail("the token server's token is too long");
  const auto seconds = parsed.find("expires_in");
  if (seconds != parsed.end() && seconds->is_number_integer()) {
    token.seconds = std::clamp<std::int64_t>(seconds->get<std::int64_t>(), 60, kMaxSeconds);
  }
  return token;
}

std::string SignOn::basic() const {
  return "Basic " + to_base64(request_.credentials->user + ":" + request_.credentials->password);
}

std::string SignOn::identity_token() {
  const std::lock_guard lock(mutex_);
  return identity_token_;
}

Result<Request> SignOn::token_request(const Url& realm) const {
  Request request{.method = "GET", .url = realm};
  const std::string service = bearer_->parameter("service");
  const bool has_identity = request_.credentials && !request_.credentials->identity_token.empty();
  if (has_identity) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = body_of(
        "grant_type=refresh_token&client_id=mycontainer&service=" + percent_encode(service) +
        "&scope=" + percent_encode(joined(request_.scopes)) +
        "&refresh_token=" + percent_encode(request_.credentials->identity_token));
    return request;
  }
  std::string& target = request.url.target;
  if (!service.empty()) target = with_parameter(target, "service", service);
  for (const std::string& scope : request_.scopes) target = with_parameter(target, "scope", scope);
  if (!request_.credentials) return request;
  target = with_parameter(target, "account", request_.credentials->user);
  if (request_.scopes.empty()) {  // login: an identity token is welcome
    target = with_parameter(target, "client_id", "mycontainer");
    target = with_parameter(target, "offline_token", "true");
  }
  request.headers.emplace_back("Authorization", basic());
  return request;
}

Result<void> SignOn::fetch(Http& http) {
  TRY(const Url realm, parse_url(bearer_->parameter("realm")));
  if (asked_over_tls_ && !realm.is_tls() && !request_.may_drop_tls) {
    return fail("the registry asks to sign on without TLS, at {}", realm.origin());
  }
  TRY(Request request, token_request(realm));
  TRY(Response response, http.exchange(request));
  for (int turn = 0; is_redirect(response.status); ++turn) {
    if (turn == kMaxRedirects) return fail("the token server redirects in a circle");
    TRY(Request next, redirected(request, response, request_.may_drop_tls));
    // It stands in the body.
    if (next.body && next.url.origin() != request.url.origin()) {
      return fail("the token server redirects to {}, which is not to have the identity token",
                  printable(next.url.origin(), 200));
    }
    request = std::move(next);
    TRY(response, http.exchange(request));
  }
  if (!response.succeeded()) {
    Error error = error_of(response);
    if (error.operation.starts_with("unexpected status")) {
      error.operation = realm.authority() + ": " + error.operation;
    }
    return Failure(std::move(error));
  }
  TRY(const Token token, parse_token(response.body));
  authorization_ = "Bearer " + token.value;
  expires_ = Clock::now() + std::chrono::seconds(token.seconds) - kMargin;
  if (!token.identity_token.empty()) identity_token_ = token.identity_token;
  return {};
}

Result<std::string> SignOn::authorization(Http& http) {
  const std::lock_guard lock(mutex_);
  if (bearer_ && Clock::now() >= expires_) TRY_VOID(fetch(http));
  return authorization_;
}

Result<bool> SignOn::answer(Http& http, const Url& asked, const Response& response,
                            const std::string& sent) {
  const std::lock_guard lock(mutex_);
  if (authorization_ != sent) return true;  // another thread has signed on meanwhile
  std::vector<Challenge> challenges;
  for (const auto& [name, value] : response.headers) {
    if (name != "www-authenticate") continue;
    for (Challenge& challenge : parse_challenges(value)) challenges.push_back(std::move(challenge));
  }
  const auto bearer = std::ranges::find(challenges, "bearer", &Challenge::scheme);
  if (bearer != challenges.end()) {
    const bool was_expired = Clock::now() >= expires_;
    if (!sent.empty() && bearer_ && !was_expired &&
        bearer->parameter("error") == "insufficient_scope") {
      return false;
    }
    bearer_ = *bearer;
    asked_over_tls_ = asked.is_tls();
    TRY_VOID(fetch(http));
    return true;
  }
  const bool is_basic =
      std::ranges::find(challenges, "basic", &Challenge::scheme) != challenges.end();
  if (!is_basic || !request_.credentials || !sent.empty()) return false;
  authorization_ = basic();
  return true;
}

}  // namespace mycontainer::rootfs::registry
