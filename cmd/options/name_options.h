// Options about names inside the container: --add-host, --dns, --dns-search, --dns-option. Pure.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// "NAME:ADDRESS" or "NAME=ADDRESS", an IPv6 address also in brackets; "host-gateway" stands for the
// host's address.
Result<void> add_host(RunDraft& draft, std::string_view value);
Result<void> add_dns_server(RunDraft& draft, std::string_view value);
// A domain; "." for none.
Result<void> add_dns_search(RunDraft& draft, std::string_view value);
// One word of resolv.conf(5)'s "options".
Result<void> add_dns_option(RunDraft& draft, std::string_view value);

}  // namespace mycontainer::cmd::options
