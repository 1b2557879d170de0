#include "rootfs/registry/session.h"

#include <cerrno>

#include "rootfs/registry/answer.h"
#include "rootfs/registry/redirect.h"

namespace mycontainer::rootfs::registry {

namespace {

constexpr Milliseconds kFirstPause{250};
constexpr int kMaxSignOns = 2;  // a token may expire between two requests; more is a circle

}  // namespace

bool Attempts::another(std::optional<Milliseconds> asked) {
  if (made_ >= kMost || ever_ >= kMostEver) return false;
  session_.pause(asked.value_or(kFirstPause * (1 << (made_ - 1))));
  ++made_;
  ++ever_;
  return true;
}

Caller::Caller(std::shared_ptr<Session> session)
    : session_(std::move(session)), http_(session_->settings) {}

Request Caller::request(std::string method, std::string_view path) const {
  Request request{.method = std::move(method), .url = session_->address};
  request.url.target = "/v2/" + std::string(path);
  return request;
}

bool Caller::is_ours(const Url& url) const {
  Url ours = session_->address;
  if (session_->is_plain && !url.is_tls()) {
    ours.scheme = "http";
    if (ours.port == 443) ours.port = 80;
  }
  return url.origin() == ours.origin();
}

// Plain HTTP only where the user or his files said that it may be, and only when TLS is not spoken.
Result<Response> Caller::exchange(Request request, const Http::Choose& choose) {
  const bool to_registry = request.url.origin() == session_->address.origin();
  const auto make_plain = [&] {
    request.url.scheme = "http";
    if (request.url.port == 443) request.url.port = 80;
  };
  if (to_registry && session_->is_plain) make_plain();
  auto response = http_.exchange(request, choose);
  if (!response && to_registry && request.url.is_tls()) {
    // Nobody there who speaks TLS, or nobody at that port, or at that name but for a proxy.
    const bool no_tls =
        http_.trouble() == Trouble::kNotTls ||
        (http_.trouble() == Trouble::kUnreachable && response.error().code != ETIMEDOUT);
    if (no_tls && session_->endpoint.insecure && (!session_->has_answered || session_->is_plain)) {
      make_plain();
      response = http_.exchange(request, choose);
      if (response) session_->is_plain = true;
    } else if (http_.trouble() == Trouble::kNotTls) {
      Error error = std::move(response).error();
      error.hint = "if this registry is meant to be used without TLS, say --tls-verify=false";
      return Failure(std::move(error));
    }
  }
  if (!response) return response;
  session_->has_answered = true;
  response->url = request.url;
  return response;
}

Result<Response> Caller::followed(Request request, const Http::Choose& choose) {
  // What a redirect's or a refusal's body is made of is nobody's to take.
  const Http::Choose if_final = [&](const Response& head) -> Result<Take> {
    if (!choose || is_redirect(head.status) || head.status == 401) return Take();
    return choose(head);
  };
  for (int turn = 0; turn <= kMaxRedirects; ++turn) {
    TRY(Response response, exchange(request, if_final));
    // 304 and the 307 of an upload's end have no Location to follow.
    if (!is_redirect(response.status)) return response;
    request.url = response.url;
    TRY(request, redirected(request, response, session_->endpoint.insecure));
  }
  return fail("{}: redirects in a circle", session_->endpoint.host);
}

Result<Response> Caller::once(const Request& request, const Http::Choose& choose) {
  const bool had_answered = session_->has_answered;
  was_reached_ = had_answered;
  for (int signed_on = 0;; ++signed_on) {
    Request sent = request;
    std::string authorization;
    if (is_ours(request.url) || request.url.origin() == session_->address.origin()) {
      TRY(authorization, session_->sign_on.authorization(http_));
    }
    if (!authorization.empty()) sent.headers.emplace_back("Authorization", authorization);
    TRY(Response response, followed(std::move(sent), choose));
    was_reached_ = true;
    if (response.status != 401 || signed_on == kMaxSignOns) return response;
    if (!is_ours(response.url)) return response;
    TRY(const bool again, session_->sign_on.answer(http_, response.url, response, authorization));
    if (!again) return response;
  }
}

bool Caller::may_pass() const {
  return http_.trouble() == Trouble::kBroken ||
         (http_.trouble() == Trouble::kUnreachable && was_reached_);
}

Result<Response> Caller::ask(const Request& request, const Http::Choose& choose) {
  Attempts attempts(*session_);
  while (true) {
    auto response = once(request, choose);
    const bool again = response ? is_passing(response->status) : may_pass();
    if (!again) return response;
    if (!attempts.another(response ? retry_after(*response) : std::nullopt)) return response;
  }
}

Result<Url> Caller::location(const Response& response) const {
  const std::string_view text = response.header("Location");
  if (text.empty()) return fail("the registry does not say where to send it");
  TRY(Url url, resolve_url(response.url, text));
  url.user_info.clear();
  if (response.url.is_tls() && !url.is_tls() && !session_->endpoint.insecure) {
    return fail("the registry leads from https to http: {}", url.origin());
  }
  return url;
}

}  // namespace mycontainer::rootfs::registry
