// Options about the container's ports: -p, -P, --expose. Pure.
#pragma once

#include <string_view>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// "[[ADDRESS:][HOST-PORT[-LAST]]:]PORT[-LAST][/tcp|udp|sctp]": an IPv6 address also in brackets; without
// a host port (or with 0) any that is free; a range of the host's for one port of the container: the
// first of it that is free; a range for a range: as many mappings. Also Docker's long form
// "published=8080,target=80,protocol=tcp".
Result<void> add_published(RunDraft& draft, std::string_view value);
// "PORT[-LAST][/tcp|udp|sctp]", for one or several "80/tcp".
Result<void> add_exposed(RunDraft& draft, std::string_view value);

// No mapping twice, no port of the host for two.
Result<void> check_published(const RunDraft& draft);

}  // namespace mycontainer::cmd::options
