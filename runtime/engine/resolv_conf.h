// resolv.conf(5), read as the resolver reads it. Parent side; pure; private to runtime/engine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mycontainer::runtime::engine {

struct ResolvConf {
  std::vector<std::string> servers, search, options;
};

// The last of several "search" and "domain" lines counts; lines that mean nothing are left out.
ResolvConf parse_resolv_conf(std::string_view text);
std::string to_text(const ResolvConf& conf);

// 127.0.0.0/8 and ::1, also with a zone.
bool is_loopback_server(std::string_view address);

}  // namespace mycontainer::runtime::engine
