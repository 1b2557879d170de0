#include "runtime/security/seccomp_default.h"

#include <sys/utsname.h>

#include <algorithm>
#include <charconv>

#include "runtime/security/seccomp_table.h"

namespace mycontainer::runtime::security {
namespace {

constexpr std::uint32_t kEnosys = 38;
constexpr std::uint32_t kEperm = 1;

constexpr std::string_view native_architecture() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__i386__)
  return "x86";
#elif defined(__aarch64__)
  return "arm64";
#elif defined(__arm__)
  return "arm";
#else
  return "riscv64";
#endif
}

std::vector<std::string> architectures(std::string_view architecture) {
  std::vector<std::string> names;
  for (const seccomp_table::ArchGroup& group : seccomp_table::kArchitectures) {
    if (group.architecture != architecture) continue;
    for (const std::string_view name : group.names) {
      if (!name.empty()) names.emplace_back(name);
    }
  }
  return names;
}

// The words of "read write open".
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  result.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

bool applies(std::string_view architectures, const std::string& architecture) {
  if (architectures.empty()) return true;
  const auto known = words(architectures);
  return std::find(known.begin(), known.end(), architecture) != known.end();
}

oci::SeccompRule allow(std::string_view names) {
  return {words(names), "SCMP_ACT_ALLOW", std::nullopt, {}};
}

oci::SeccompRule refuse(std::string_view names) {
  return {words(names), "SCMP_ACT_ERRNO", kEperm, {}};
}

oci::SeccompRule when(oci::SeccompRule rule, const seccomp_table::Condition& condition) {
  rule.args.push_back(
      {condition.argument, condition.value, condition.value_two, std::string(condition.op)});
  return rule;
}

void add_groups(const SeccompContext& context, std::vector<oci::SeccompRule>& rules) {
  for (const seccomp_table::Group& group : seccomp_table::kGroups) {
    if (!applies(group.architectures, context.architecture)) continue;
    const bool open = group.capabilities == 0 || (group.capabilities & context.bounding) != 0 ||
                      (group.since != KernelVersion{} && context.kernel >= group.since);
    rules.push_back(open ? allow(group.names) : refuse(group.names));
  }
  rules.push_back(refuse(seccomp_table::kRefused));
}

void add_conditional(const SeccompContext& context, std::vector<oci::SeccompRule>& rules) {
  for (const seccomp_table::ConditionalCall& call : seccomp_table::kConditional) {
    if (call.capabilities & context.bounding) {
      rules.push_back(allow(call.name));
      continue;
    }
    for (const seccomp_table::Condition& condition : call.allowed)
      rules.push_back(when(allow(call.name), condition));
    for (const seccomp_table::Condition& condition : call.refused)
      rules.push_back(when(refuse(call.name), condition));
  }
}

}  // namespace

Result<KernelVersion> parse_kernel_version(std::string_view release) {
  KernelVersion version;
  const char* end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc()) return version;
  }
  return fail("\"{}\" is not a kernel version", release);
}

KernelVersion running_kernel() {
  utsname names{};
  if (::uname(&names) != 0) return {};
  return parse_kernel_version(names.release).value_or(KernelVersion{});
}

SeccompContext seccomp_context(CapabilityMask bounding) {
  return {bounding, std::string(native_architecture()), running_kernel()};
}

oci::Seccomp default_seccomp(const SeccompContext& context) {
  oci::Seccomp seccomp;
  seccomp.default_action = "SCMP_ACT_ERRNO";
  seccomp.default_errno_ret = kEnosys;
  seccomp.architectures = architectures(context.architecture);
  seccomp.syscalls.reserve(128);
  add_groups(context, seccomp.syscalls);
  add_conditional(context, seccomp.syscalls);
  return seccomp;
}

}  // namespace mycontainer::runtime::security
