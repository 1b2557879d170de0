#include "runtime/oci/validate_seccomp.h"

#include <algorithm>
#include <optional>

#include "runtime/oci/seccomp_names.h"
#include "runtime/oci/validate_linux.h"

namespace mycontainer::runtime::oci {
namespace {

constexpr std::size_t kMaxSocketPath = 107;  // unix(7), with the zero at its end

Result<void> check_action(const std::string& place, const char* action_key, const char* errno_key,
                          std::string_view action, std::optional<std::uint32_t> errno_ret) {
  if (!contains(kSeccompActions, action))
    return fail("{}.{}: unknown \"{}\"", place, action_key, action);
  if (!errno_ret) return {};
  const bool is_trace = action == "SCMP_ACT_TRACE";
  if (action != "SCMP_ACT_ERRNO" && !is_trace)
    return fail("{}.{}: {} does not take an errno", place, errno_key, action);
  const unsigned most = is_trace ? kMaxSeccompTrace : kMaxSeccompErrno;
  if (*errno_ret > most) return fail("{}.{}: {} is above {}", place, errno_key, *errno_ret, most);
  return {};
}

Result<void> check_rule(const std::string& place, const SeccompRule& rule) {
  if (rule.names.empty()) return fail("{}.names: empty", place);
  TRY_VOID(check_action(place, "action", "errnoRet", rule.action, rule.errno_ret));
  for (std::size_t i = 0; i < rule.args.size(); ++i) {
    if (rule.args[i].index >= kSeccompArguments)
      return fail("{}.args[{}].index: above {}", place, i, kSeccompArguments - 1);
    if (!contains(kSeccompOperators, rule.args[i].op))
      return fail("{}.args[{}].op: unknown \"{}\"", place, i, rule.args[i].op);
  }
  return {};
}

template <class Known>
Result<void> check_words(const char* property, const std::vector<std::string>& words,
                         const Known& known) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!contains(known, words[i]))
      return fail("linux.seccomp.{}[{}]: unknown \"{}\"", property, i, words[i]);
  }
  return {};
}

bool notifies(const Seccomp& seccomp) {
  const auto& rules = seccomp.syscalls;
  return seccomp.default_action == "SCMP_ACT_NOTIFY" ||
         std::any_of(rules.begin(), rules.end(),
                     [](const SeccompRule& rule) { return rule.action == "SCMP_ACT_NOTIFY"; });
}

Result<void> check_listener(const Seccomp& seccomp) {
  if (seccomp.listener_path.empty() && notifies(seccomp))
    return fail("linux.seccomp.listenerPath: missing, but SCMP_ACT_NOTIFY needs it");
  if (seccomp.listener_path.empty() && !seccomp.listener_metadata.empty())
    return fail("linux.seccomp.listenerMetadata: needs listenerPath");
  if (has_nul(seccomp.listener_path)) return fail("linux.seccomp.listenerPath: holds a NUL byte");
  if (seccomp.listener_path.size() > kMaxSocketPath)
    return fail("linux.seccomp.listenerPath: longer than the {} bytes of a socket's path",
                kMaxSocketPath);
  return {};
}

}  // namespace

Result<void> validate_seccomp(const Seccomp& seccomp) {
  TRY_VOID(check_action("linux.seccomp", "defaultAction", "defaultErrnoRet", seccomp.default_action,
                        seccomp.default_errno_ret));
  TRY_VOID(check_words("architectures", seccomp.architectures, kSeccompArchitectures));
  TRY_VOID(check_words("flags", seccomp.flags, kSeccompFlags));
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i) {
    TRY_VOID(check_rule(fmt::format("linux.seccomp.syscalls[{}]", i), seccomp.syscalls[i]));
  }
  return check_listener(seccomp);
}

}  // namespace mycontainer::runtime::oci
