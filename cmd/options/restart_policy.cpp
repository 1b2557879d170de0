#include "cmd/options/restart_policy.h"

#include "cmd/options/values.h"

namespace mycontainer::cmd::options {

namespace {

using runtime::state::RestartKind;
using runtime::state::RestartPolicy;

Result<RestartKind> parse_kind(std::string_view name) {
  if (name.empty() || name == "no") return RestartKind::kNo;
  if (name == "always") return RestartKind::kAlways;
  if (name == "unless-stopped") return RestartKind::kUnlessStopped;
  if (name == "on-failure") return RestartKind::kOnFailure;
  return fail(
      "invalid restart policy: unknown policy '{}'; use one of 'no', 'always', 'on-failure', or "
      "'unless-stopped'",
      name);
}

}  // namespace

Result<RestartPolicy> parse_restart_policy(std::string_view text) {
  const std::size_t colon = text.find(':');
  RestartPolicy policy;
  TRY(policy.kind, parse_kind(text.substr(0, colon)));
  if (colon == std::string_view::npos) return policy;
  const auto count = parse_integer<int>(text.substr(colon + 1));
  if (!count) {
    return fail("invalid restart policy format: maximum retry count must be an integer");
  }
  if (*count < 0) return fail("invalid restart policy: maximum retry count cannot be negative");
  if (policy.kind != RestartKind::kOnFailure && *count != 0) {
    return fail("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  policy.max_retries = *count;
  return policy;
}

}  // namespace mycontainer::cmd::options
