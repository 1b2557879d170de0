#include "rootfs/registry/redirect.h"

#include <algorithm>

#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<Request> redirected(const Request& request, const Response& response, bool may_drop_tls) {
  const std::string_view location = response.header("Location");
  if (location.empty()) return fail("a redirect leads nowhere (status {})", response.status);
  TRY(const Url target, resolve_url(request.url, location));
  if (request.url.is_tls() && !target.is_tls() && !may_drop_tls) {
    return fail("a redirect leads from https to http: {}", printable(target.origin(), 200));
  }
  const bool only_reads = request.method == "GET" || request.method == "HEAD";
  if (!only_reads && response.status != 307 && response.status != 308) {
    return fail("a redirect (status {}) of {} is not followed", response.status, request.method);
  }
  Request next = request;
  next.url = target;
  next.url.user_info.clear();
  if (target.origin() != request.url.origin()) {
    std::erase_if(next.headers, [](const auto& header) {
      return same_word(header.first, "Authorization") || same_word(header.first, "Cookie");
    });
  }
  return next;
}

}  // namespace mycontainer::rootfs::registry
