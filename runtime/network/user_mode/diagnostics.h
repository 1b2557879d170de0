// What pasta or slirp4netns said before it ended, as one line. Pure.
#pragma once

#include <string>
#include <string_view>

namespace mycontainer::runtime::network {

// The last line that says something, without the noise about a missing syslog and without anything
// that could drive a terminal; empty when there is none.
std::string reason_in(std::string_view diagnostics);

}  // namespace mycontainer::runtime::network
