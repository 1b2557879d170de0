#include "rootfs/image/reference.h"

#include <algorithm>

namespace mycontainer::rootfs::image {
namespace {

constexpr std::string_view kDockerDomain = "docker.io";
constexpr std::string_view kOldDockerDomain = "index.docker.io";
constexpr std::string_view kOfficial = "library/";
constexpr std::size_t kLongestName = 255, kLongestTag = 128, kDigitsOfAnId = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || is_upper(c); }
bool has_upper(std::string_view text) { return std::ranges::any_of(text, is_upper); }

// An image's id, which Docker takes for no name.
bool is_id(std::string_view text) {
  return text.size() == kDigitsOfAnId &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// Calls `check` for every piece of `text` between separators; an empty piece is one, too.
template <class Check>
bool all_pieces(std::string_view text, char separator, Check check) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!check(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

// Between two letters or digits of a path's component: ".", "_", "__" or any number of "-".
bool is_separator(std::string_view text) {
  if (text == "." || text == "_" || text == "__") return true;
  return std::ranges::all_of(text, [](char c) { return c == '-'; });
}

bool is_path_component(std::string_view text) {
  const auto plain = [](char c) { return is_lower(c) || is_digit(c); };
  if (text.empty() || !plain(text.front()) || !plain(text.back())) return false;
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if_not(at, text.end(), plain);
    at = std::find_if(begin, text.end(), plain);
    if (!is_separator({begin, at})) return false;
  }
  return true;
}

bool is_domain_component(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_ipv6(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool is_domain(std::string_view text) {
  // An IPv6 address has colons of its own, but stands in brackets.
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', bracket);
  const std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || !std::ranges::all_of(port, is_digit)) return false;
  }
  if (bracket == 0) return all_pieces(host, '.', is_domain_component);
  return host.ends_with(']') && is_ipv6(host.substr(1, host.size() - 2));
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > kLongestTag) return false;
  if (text.front() == '.' || text.front() == '-') return false;
  return std::ranges::all_of(
      text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

// The first part of a name is a registry only when it looks like one: "ada/app" is docker.io's.
bool looks_like_domain(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != std::string_view::npos ||
         has_upper(text);
}

struct Split {
  std::string_view domain, rest;
};

Split split_domain(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !looks_like_domain(text.substr(0, slash))) {
    return {kDockerDomain, text};
  }
  const std::string_view domain = text.substr(0, slash);
  return {domain == kOldDockerDomain ? kDockerDomain : domain, text.substr(slash + 1)};
}

// Takes what follows the first `mark` off `text`. False: the mark stands there with nothing behind.
bool cut_at(std::string_view& text, char mark, std::string_view& after) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return true;
  after = text.substr(at + 1);
  text = text.substr(0, at);
  return !after.empty();
}

Failure bad_format(std::string_view text) {
  return fail("invalid reference format: \"{}\"", text.substr(0, kLongestName));
}

Result<void> check_name(const Reference& reference, std::string_view text) {
  if (has_upper(reference.path)) {
    return fail("invalid reference format: repository name ({}) must be lowercase",
                std::string_view(reference.path).substr(0, kLongestName));
  }
  if (!is_domain(reference.domain) || !all_pieces(reference.path, '/', is_path_component)) {
    return bad_format(text);
  }
  if (reference.domain.size() + 1 + reference.path.size() > kLongestName) {
    return fail("repository name must not be more than {} characters", kLongestName);
  }
  return {};
}

}  // namespace

std::string Reference::text() const {
  std::string all = repository();
  if (!tag.empty()) all += ":" + tag;
  if (!digest.empty()) all += "@" + digest.text();
  return all;
}

std::string Reference::familiar() const {
  std::string all = familiar_repository();
  if (!tag.empty()) all += ":" + tag;
  if (!digest.empty()) all += "@" + digest.text();
  return all;
}

// Where the short form would be read as something else ("docker.io/a.b/c" is not a.b's "c"), the
// whole name is the familiar one.
std::string Reference::familiar_repository() const {
  if (domain != kDockerDomain) return repository();
  if (path.starts_with(kOfficial) && path.find('/', kOfficial.size()) == std::string::npos) {
    const std::string name = path.substr(kOfficial.size());
    return is_id(name) ? repository() : name;
  }
  return looks_like_domain(std::string_view(path).substr(0, path.find('/'))) ? repository() : path;
}

Result<Reference> parse_reference(std::string_view text) {
  if (is_id(text)) {
    return fail("invalid repository name ({}), cannot specify 64-byte hexadecimal strings", text);
  }
  auto [domain, path] = split_domain(text);
  std::string_view tag, digest;
  // In this order: a digest has a colon, too.
  if (!cut_at(path, '@', digest) || !cut_at(path, ':', tag)) return bad_format(text);
  if (!tag.empty() && !is_tag(tag)) return bad_format(text);

  Reference reference{std::string(domain), std::string(path), std::string(tag), {}};
  if (domain == kDockerDomain && path.find('/') == std::string_view::npos) {
    reference.path.insert(0, kOfficial);
  }
  TRY_VOID(check_name(reference, text));
  if (digest.empty()) return reference;
  auto parsed = content::Digest::parse(digest);
  if (!parsed) return within("invalid reference format", std::move(parsed).error());
  reference.digest = *std::move(parsed);
  return reference;
}

Result<Reference> parse_tagged_reference(std::string_view text) {
  TRY(Reference reference, parse_reference(text));
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  return reference;
}

bool is_short_name(std::string_view text) { return text.find('/') == std::string_view::npos; }

}  // namespace mycontainer::rootfs::image
