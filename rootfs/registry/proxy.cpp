#include "rootfs/registry/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

namespace {

std::string variable(const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

// An address of either family as 16 bytes; IPv4 as IPv6 maps it.
using AddressBytes = std::array<unsigned char, 16>;

std::optional<AddressBytes> address_of(const std::string& text) {
  AddressBytes bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) return bytes;
  return std::nullopt;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto bytes = address_of(host);
  if (!bytes) return false;
  const bool is_v4 = (*bytes)[10] == 0xff && (*bytes)[11] == 0xff;
  AddressBytes one{};
  one[15] = 1;
  return is_v4 ? (*bytes)[12] == 127 : *bytes == one;
}

bool is_in_network(const std::string& host, std::string_view network) {
  const std::size_t slash = network.find('/');
  const std::string base(network.substr(0, slash));
  const auto address = address_of(host), first = address_of(base);
  if (!address || !first) return false;
  const bool is_v4 = base.find(':') == std::string::npos;
  unsigned bits = is_v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view text = network.substr(slash + 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || bits > (is_v4 ? 32U : 128U)) return false;
  }
  if (is_v4) bits += 96;
  for (unsigned bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80U >> bit % 8;
    if (((*address)[bit / 8] & mask) != ((*first)[bit / 8] & mask)) return false;
  }
  return true;
}

bool matches_entry(const Url& url, std::string_view entry) {
  if (entry == "*") return true;
  if (is_in_network(url.host, entry)) return true;
  const auto parsed =
      parse_authority(url.scheme, entry.starts_with("*.") ? entry.substr(1) : entry);
  if (!parsed || parsed->host.empty()) return false;
  const bool names_port =
      parsed->authority() != parsed->host || entry.ends_with(":" + std::to_string(parsed->port));
  if (names_port && parsed->port != url.port) return false;
  const std::string& name = parsed->host;
  if (name.starts_with('.')) return url.host.ends_with(name);
  return url.host == name || url.host.ends_with("." + name);
}

bool goes_directly(const Url& url, std::string_view none) {
  if (is_loopback(url.host)) return true;
  while (!none.empty()) {
    const std::size_t end = std::min(none.find_first_of(", "), none.size());
    const std::string_view entry = none.substr(0, end);
    if (!entry.empty() && matches_entry(url, entry)) return true;
    none.remove_prefix(std::min(end + 1, none.size()));
  }
  return false;
}

}  // namespace

ProxySettings proxies_of_environment() {
  return {variable("HTTP_PROXY", "http_proxy"), variable("HTTPS_PROXY", "https_proxy"),
          variable("NO_PROXY", "no_proxy")};
}

Result<std::optional<Url>> proxy_for(const Url& url, const ProxySettings& settings) {
  const std::string& word = url.is_tls() ? settings.https : settings.http;
  if (word.empty() || goes_directly(url, settings.none)) return std::optional<Url>();
  const bool has_scheme = word.find("://") != std::string::npos;
  auto proxy = parse_url(has_scheme ? word : "http://" + word);
  // Not the error's own words: the URL may hold a password.
  if (!proxy) {
    return fail("{} is no URL of a proxy that is spoken to with http or https",
                url.is_tls() ? "HTTPS_PROXY" : "HTTP_PROXY");
  }
  return std::optional(*std::move(proxy));
}

}  // namespace mycontainer::rootfs::registry
