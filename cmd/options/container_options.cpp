#include "cmd/options/container_options.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "cmd/options/paths.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::options {
namespace {

constexpr std::size_t kMaxHostnameBytes = 64;

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// A host name's label.
bool is_label(std::string_view text) {
  const auto valid = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, valid) && text.front() != '-' &&
         text.back() != '-';
}

bool is_hostname(std::string_view text) {
  if (text.size() > kMaxHostnameBytes) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// A name passes; what consists of digits must be an id.
Result<void> check_id(std::string_view text) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return {};
  const auto id = parse_integer<std::uint32_t>(text);
  if (!id || *id == UINT32_MAX) return fail("uids and gids must be in range 0-4294967294");
  return {};
}

}  // namespace

Result<void> set_rootfs(RunDraft& draft, std::string_view value) {
  const bool overlay = value.ends_with(":O");
  if (overlay) value.remove_suffix(2);
  if (value.empty()) return fail("a directory is needed: --rootfs DIR or DIR:O");
  TRY(std::string directory, absolute_path(value));
  draft.request.root = {runtime::engine::RootSource::Kind::kDirectory, std::move(directory),
                        overlay};
  draft.builtin_root = false;
  return {};
}

Result<void> set_entrypoint(RunDraft& draft, std::string_view value) {
  draft.request.entrypoint.emplace();
  if (!value.empty()) draft.request.entrypoint->emplace_back(value);
  return {};
}

Result<void> set_name(RunDraft& draft, std::string_view value) {
  const auto valid = [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; };
  if (value.size() < 2 || !is_alphanumeric(value.front()) || !std::ranges::all_of(value, valid)) {
    return fail("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-]+ is allowed", value);
  }
  draft.request.name = value;
  return {};
}

Result<void> set_hostname(RunDraft& draft, std::string_view value) {
  if (!is_hostname(value)) return fail("invalid hostname format: {}", value);
  draft.request.hostname = value;
  return {};
}

Result<void> set_workdir(RunDraft& draft, std::string_view value) {
  if (!value.starts_with('/')) {
    return fail("the working directory '{}' is invalid, it needs to be an absolute path", value);
  }
  draft.request.working_directory = value;
  return {};
}

Result<void> set_user(RunDraft& draft, std::string_view value) {
  const std::size_t colon = value.find(':');
  const std::string_view user = value.substr(0, colon);
  const std::string_view group =
      colon == std::string_view::npos ? std::string_view{} : value.substr(colon + 1);
  if (group.find(':') != std::string_view::npos) return fail("not <name|uid>[:<group|gid>]");
  TRY_VOID(check_id(user));
  TRY_VOID(check_id(group));
  draft.request.user.user = user;
  draft.request.user.group = group;
  return {};
}

Result<void> add_group(RunDraft& draft, std::string_view value) {
  if (value.empty()) return fail("empty group");
  TRY_VOID(check_id(value));
  draft.request.user.supplementary_groups.emplace_back(value);
  return {};
}

Result<void> set_domainname(RunDraft& draft, std::string_view value) {
  constexpr std::size_t kLongest = 64;  // __NEW_UTS_LEN
  if (value.size() > kLongest || value.find('\0') != std::string_view::npos) {
    return fail("invalid domain name");
  }
  draft.request.domainname = value;
  return {};
}

Result<void> set_stop_signal(RunDraft& draft, std::string_view value) {
  TRY(draft.request.stop_signal, parse_signal(value));
  return {};
}

Result<void> set_trace(RunDraft& draft, std::string_view value) {
  const auto enabled = parse_bool(value);
  draft.request.trace.enabled = enabled ? *enabled : true;
  draft.request.trace.file = enabled ? std::string_view{} : value;
  return {};
}

}  // namespace mycontainer::cmd::options
