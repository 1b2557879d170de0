// Names of hosts and domains, as DNS has them. Pure.
#pragma once

#include <string_view>

namespace mycontainer::cmd::options {

// Labels of letters, digits, "-" and "_" (not "-" at either end), joined by dots: at most 63 bytes
// each, 253 together. Such a name drives no terminal, breaks no line of /etc/hosts and leads out of
// no directory.
bool is_domain_name(std::string_view text);

}  // namespace mycontainer::cmd::options
