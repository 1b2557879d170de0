// Which request follows a redirect (RFC 9110, 15.4). Pure. Where it leads is the server's word, and the
// server may be hostile or broken into: no credentials go to another origin, and nothing
// that was asked for over TLS is asked for without (CVE-2020-15157 is what happens otherwise).
#pragma once

#include "reexec/sys/error.h"
#include "rootfs/registry/http.h"

namespace mycontainer::rootfs::registry {

constexpr int kMaxRedirects = 10;

bool is_redirect(int status);  // 301, 302, 303, 307, 308
// `may_drop_tls`: the registry is an insecure one.
Result<Request> redirected(const Request& request, const Response& response, bool may_drop_tls);

}  // namespace mycontainer::rootfs::registry
