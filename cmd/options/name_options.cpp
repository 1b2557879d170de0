#include "cmd/options/name_options.h"

#include <algorithm>
#include <cctype>

#include "cmd/options/domain_name.h"
#include "runtime/network/address/address.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::network::Address;

constexpr std::string_view kHostGateway = "host-gateway";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string_view without_brackets(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

Result<void> add_host(RunDraft& draft, std::string_view value) {
  const std::size_t separator = value.find_first_of("=:");
  const bool whole = separator != std::string_view::npos && separator + 1 < value.size();
  if (!whole || !is_domain_name(value.substr(0, separator))) {
    return fail("bad format for add-host: \"{}\"", value);
  }
  std::string text(without_brackets(value.substr(separator + 1)));
  if (text != kHostGateway) {
    const auto address = Address::parse(text);
    if (!address) return fail("invalid IP address in add-host: \"{}\"", text);
    text = address->to_text();
  }
  draft.request.names.hosts.push_back(fmt::format("{}:{}", value.substr(0, separator), text));
  return {};
}

Result<void> add_dns_server(RunDraft& draft, std::string_view value) {
  const auto address = Address::parse(trimmed(value));
  if (!address) return fail("IP address is not correctly formatted: {}", value);
  draft.request.names.servers.push_back(address->to_text());
  return {};
}

Result<void> add_dns_search(RunDraft& draft, std::string_view value) {
  std::string_view domain = trimmed(value);
  const bool is_none = domain == ".";
  if (domain.ends_with('.') && !is_none) domain.remove_suffix(1);
  if (!is_none && !is_domain_name(domain)) return fail("{} is not a valid domain", value);
  draft.request.names.search.emplace_back(domain);
  return {};
}

Result<void> add_dns_option(RunDraft& draft, std::string_view value) {
  const auto valid = [](unsigned char c) { return std::isgraph(c) != 0; };
  if (value.empty() || !std::ranges::all_of(value, valid)) return fail("not one word");
  draft.request.names.options.emplace_back(value);
  return {};
}

}  // namespace mycontainer::cmd::options
