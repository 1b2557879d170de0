#include "cmd/options/security_options.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "cmd/options/paths.h"
#include "cmd/options/values.h"
#include "runtime/security/capabilities.h"

namespace mycontainer::cmd::options {

using runtime::engine::SeccompRequest;

namespace {

constexpr std::array<std::string_view, 8> kIpcSysctls = {
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
    "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};

bool is_ipc_sysctl(std::string_view key) {
  return std::ranges::find(kIpcSysctls, key) != kIpcSysctls.end() || key.starts_with("fs.mqueue.");
}

// "CAP_CHOWN" for any of Docker's spellings, "ALL" for all.
Result<std::string> capability(std::string_view value) {
  std::string upper(value);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  if (upper == "ALL" || upper == "CAP_ALL") return std::string("ALL");
  const auto number = runtime::security::capability_number(upper);
  if (!number) return fail("unknown capability: \"{}\"", value);
  return runtime::security::capability_name(*number);
}

Result<void> set_seccomp(RunDraft& draft, std::string_view value) {
  if (value.empty()) return fail("seccomp needs a FILE, \"unconfined\" or \"builtin\"");
  SeccompRequest& seccomp = draft.request.seccomp;
  seccomp = {};
  if (value == "builtin") return {};
  if (value == "unconfined") {
    seccomp.kind = SeccompRequest::Kind::kUnconfined;
    return {};
  }
  seccomp.kind = SeccompRequest::Kind::kFile;
  TRY(seccomp.file, absolute_path(value));
  return {};
}

Result<void> set_no_new_privileges(RunDraft& draft, std::string_view value) {
  TRY(draft.request.no_new_privileges, parse_bool(value));
  return {};
}

}  // namespace

Result<void> add_capability(RunDraft& draft, std::string_view value) {
  TRY(std::string name, capability(value));
  draft.request.cap_add.push_back(std::move(name));
  return {};
}

Result<void> drop_capability(RunDraft& draft, std::string_view value) {
  TRY(std::string name, capability(value));
  draft.request.cap_drop.push_back(std::move(name));
  return {};
}

Result<void> add_security_option(RunDraft& draft, std::string_view value) {
  if (value == "no-new-privileges") return set_no_new_privileges(draft, "true");
  const bool has_equals = value.find('=') != std::string_view::npos;
  const std::size_t separator = value.find(has_equals ? '=' : ':');
  if (separator == std::string_view::npos) return fail("Invalid --security-opt: \"{}\"", value);
  const std::string_view key = value.substr(0, separator);
  const std::string_view rest = value.substr(separator + 1);
  if (key == "no-new-privileges") return set_no_new_privileges(draft, rest);
  if (key == "seccomp") return set_seccomp(draft, rest);
  if (key == "label") return fail("SELinux labels are not supported");
  if (key != "apparmor") return fail("Invalid --security-opt: \"{}\"", value);
  if (rest.empty()) return fail("apparmor needs the name of a profile, or \"unconfined\"");
  draft.request.apparmor_profile = rest;
  return {};
}

Result<void> add_sysctl(RunDraft& draft, std::string_view value) {
  const std::size_t equals = value.find('=');
  const std::string_view key = value.substr(0, equals);
  const bool allowed = is_ipc_sysctl(key) || key.starts_with("net.");
  if (!allowed || equals == std::string_view::npos) {
    return fail("sysctl '{}' is not allowed", value);
  }
  if (key.find('/') != std::string_view::npos || key.find("..") != std::string_view::npos) {
    return fail("sysctl '{}' is not allowed", value);
  }
  draft.request.sysctls[std::string(key)] = value.substr(equals + 1);
  return {};
}

Result<void> check_sysctls(const RunDraft& draft) {
  using runtime::network::Kind;
  const Kind kind = runtime::network::kind_of(draft.request.networks);
  for (const auto& [key, value] : draft.request.sysctls) {
    const bool of_network = key.starts_with("net.");
    if (of_network && kind == Kind::kHost) {
      return fail("sysctl '{}' not allowed in host network namespace", key);
    }
    if (of_network && (kind == Kind::kContainer || kind == Kind::kNamespace)) {
      return fail("sysctl '{}' not allowed in a network namespace that is joined", key);
    }
    if (draft.request.host_ipc && is_ipc_sysctl(key)) {
      return fail("sysctl '{}' not allowed in host ipc namespace", key);
    }
  }
  return {};
}

}  // namespace mycontainer::cmd::options
