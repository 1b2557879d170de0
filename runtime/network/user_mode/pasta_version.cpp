#include "runtime/network/user_mode/pasta_version.h"

#include <cctype>
#include <string>

namespace mycontainer::runtime::network {

// Versions are dates: "pasta 2024_10_30.ee7d0b6", "pasta 0.0~git20240220.1e6f92b-1".
bool publishes_well(std::string_view version) {
  constexpr std::string_view kFirstGood = "20230701";
  version = version.substr(0, version.find('\n'));
  for (std::size_t at = 0; at < version.size(); ++at) {
    std::string date;
    for (std::size_t next = at; next < version.size() && date.size() < kFirstGood.size(); ++next) {
      const char byte = version[next];
      if (byte == '_') continue;
      if (std::isdigit(static_cast<unsigned char>(byte)) == 0) break;
      date += byte;
    }
    if (date.size() == kFirstGood.size() && date.starts_with("20")) return date >= kFirstGood;
  }
  return false;
}

}  // namespace mycontainer::runtime::network
