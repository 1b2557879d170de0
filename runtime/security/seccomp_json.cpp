#include "runtime/security/seccomp_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "runtime/security/seccomp_policy.h"
#include "runtime/security/seccomp_table.h"

namespace mycontainer::runtime::security {
namespace {

using nlohmann::json;

// A value and the way to it from the root: "syscalls[3].args[0]".
struct Node {
  const json* value = nullptr;
  std::string path;

  // Absent members and null ones are the same to every reader of profiles.
  [[nodiscard]] bool absent() const { return value == nullptr || value->is_null(); }
};

Failure bad(const Node& node, std::string_view problem) {
  return fail("{}: {}", node.path.empty() ? "profile" : node.path, problem);
}

Node member(const Node& object, const char* name) {
  const std::string path = object.path.empty() ? name : object.path + "." + name;
  if (object.absent()) return {nullptr, path};
  const auto found = object.value->find(name);
  return {found == object.value->end() ? nullptr : &*found, path};
}

Result<void> check_object(const Node& node) {
  if (!node.absent() && !node.value->is_object()) return bad(node, "must be an object");
  return {};
}

Result<std::string> text(const Node& node) {
  if (node.absent()) return std::string();
  if (!node.value->is_string()) return bad(node, "must be a string");
  return node.value->get<std::string>();
}

Result<std::string> required_text(const Node& node) {
  TRY(std::string value, text(node));
  if (value.empty()) return bad(node, "is missing");
  return value;
}

Result<std::optional<std::uint64_t>> number(
    const Node& node, std::uint64_t limit = std::numeric_limits<std::uint64_t>::max()) {
  if (node.absent()) return std::optional<std::uint64_t>();
  if (!node.value->is_number_unsigned())
    return bad(node, "must be a whole number, not below 0 and of at most 64 bits");
  const auto value = node.value->get<std::uint64_t>();
  if (value > limit) return bad(node, fmt::format("must be at most {}", limit));
  return std::optional<std::uint64_t>(value);
}

Result<std::vector<Node>> elements(const Node& node) {
  std::vector<Node> nodes;
  if (node.absent()) return nodes;
  if (!node.value->is_array()) return bad(node, "must be a list");
  for (const json& element : *node.value)
    nodes.push_back({&element, fmt::format("{}[{}]", node.path, nodes.size())});
  return nodes;
}

Result<std::vector<std::string>> texts(const Node& node) {
  TRY(const std::vector<Node> nodes, elements(node));
  std::vector<std::string> values;
  for (const Node& element : nodes) {
    TRY(std::string value, required_text(element));
    values.push_back(std::move(value));
  }
  return values;
}

// "EPERM" as a number; containers-common writes errors by name, too.
std::optional<std::uint32_t> errno_number(std::string_view name) {
  constexpr int kHighest = 133;
  for (int code = 1; code <= kHighest; ++code) {
    if (errno_name(code) == name) return static_cast<std::uint32_t>(code);
  }
  return std::nullopt;
}

// The number in `ret_name`, or the name in `word_name`, which wins as with containers-common.
Result<std::optional<std::uint32_t>> errno_of(const Node& object, const char* ret_name,
                                              const char* word_name) {
  const Node word = member(object, word_name);
  TRY(const std::string name, text(word));
  if (!name.empty()) {
    const auto code = errno_number(name);
    if (!code) return bad(word, "unknown errno " + name);
    return code;
  }
  TRY(const auto code, number(member(object, ret_name), 4095));
  if (!code) return std::optional<std::uint32_t>();
  return std::optional<std::uint32_t>(static_cast<std::uint32_t>(*code));
}

Result<void> check_action(const Node& node, const std::string& action,
                          std::optional<std::uint32_t> errno_ret) {
  auto value = seccomp_action(action, errno_ret);
  if (!value) return bad(node, value.error().operation);
  return {};
}

// What `includes` and `excludes` consist of.
struct Circumstances {
  CapabilityMask capabilities = 0;
  std::vector<std::string> architectures;
  std::optional<KernelVersion> since;
};

Result<Circumstances> parse_circumstances(const Node& node) {
  Circumstances result;
  TRY_VOID(check_object(node));
  const Node caps = member(node, "caps");
  TRY(const auto names, texts(caps));
  for (const std::string& name : names) {
    const auto capability = capability_number(name);
    if (!capability) return bad(caps, "unknown capability " + name);
    result.capabilities |= capability_bit(*capability);
  }
  TRY(result.architectures, texts(member(node, "arches")));
  const Node kernel = member(node, "minKernel");
  TRY(const std::string release, text(kernel));
  if (release.empty()) return result;
  auto version = parse_kernel_version(release);
  if (!version) return bad(kernel, version.error().operation);
  result.since = *version;
  return result;
}

bool names_architecture(const Circumstances& c, const SeccompContext& context) {
  return std::find(c.architectures.begin(), c.architectures.end(), context.architecture) !=
         c.architectures.end();
}

bool included(const Circumstances& c, const SeccompContext& context) {
  return (c.capabilities & ~context.bounding) == 0 &&
         (c.architectures.empty() || names_architecture(c, context)) &&
         (!c.since || context.kernel >= *c.since);
}

bool excluded(const Circumstances& c, const SeccompContext& context) {
  return (c.capabilities & context.bounding) != 0 || names_architecture(c, context) ||
         (c.since && context.kernel >= *c.since);
}

Result<bool> in_force(const Node& rule, const SeccompContext& context) {
  TRY(const Circumstances includes, parse_circumstances(member(rule, "includes")));
  TRY(const Circumstances excludes, parse_circumstances(member(rule, "excludes")));
  return included(includes, context) && !excluded(excludes, context);
}

Result<oci::SeccompArg> parse_arg(const Node& node) {
  oci::SeccompArg arg;
  TRY_VOID(check_object(node));
  TRY(const auto index, number(member(node, "index"), 5));
  TRY(const auto value, number(member(node, "value")));
  TRY(const auto value_two, number(member(node, "valueTwo")));
  TRY(arg.op, required_text(member(node, "op")));
  arg.index = static_cast<std::uint32_t>(index.value_or(0));
  arg.value = value.value_or(0);
  arg.value_two = value_two.value_or(0);
  auto check = parse_arg_check(arg);
  if (!check) return bad(member(node, "op"), check.error().operation);
  return arg;
}

Result<std::vector<std::string>> parse_names(const Node& rule) {
  const Node many = member(rule, "names");
  TRY(auto names, texts(many));
  TRY(const std::string one, text(member(rule, "name")));
  if (!one.empty() && !names.empty()) return bad(rule, "has both name and names");
  if (!one.empty()) names.push_back(one);
  if (names.empty()) return bad(many, "is missing or empty");
  return names;
}

Result<oci::SeccompRule> parse_rule(const Node& node) {
  oci::SeccompRule rule;
  TRY(rule.names, parse_names(node));
  const Node action = member(node, "action");
  TRY(rule.action, required_text(action));
  TRY(rule.errno_ret, errno_of(node, "errnoRet", "errno"));
  TRY_VOID(check_action(action, rule.action, rule.errno_ret));
  TRY(const auto args, elements(member(node, "args")));
  for (const Node& arg : args) {
    TRY(oci::SeccompArg parsed, parse_arg(arg));
    rule.args.push_back(std::move(parsed));
  }
  return rule;
}

Result<std::vector<oci::SeccompRule>> parse_rules(const Node& node, const SeccompContext& context) {
  std::vector<oci::SeccompRule> rules;
  TRY(const auto nodes, elements(node));
  for (const Node& element : nodes) {
    TRY_VOID(check_object(element));
    // Rules that do not apply here are read, too: a mistake is one on every machine.
    TRY(const bool wanted, in_force(element, context));
    TRY(oci::SeccompRule rule, parse_rule(element));
    if (wanted) rules.push_back(std::move(rule));
  }
  return rules;
}

std::string_view native_name(const std::string& architecture) {
  for (const auto& group : seccomp_table::kArchitectures) {
    if (group.architecture == architecture) return group.names[0];
  }
  return {};
}

// The entry of archMap for this machine, flattened.
Result<std::vector<std::string>> parse_arch_map(const Node& node, const SeccompContext& context) {
  std::vector<std::string> chosen;
  TRY(const auto entries, elements(node));
  for (const Node& entry : entries) {
    TRY_VOID(check_object(entry));
    TRY(std::string name, required_text(member(entry, "architecture")));
    TRY(auto others, texts(member(entry, "subArchitectures")));
    if (!chosen.empty() || name != native_name(context.architecture)) continue;
    chosen.push_back(std::move(name));
    chosen.insert(chosen.end(), others.begin(), others.end());
  }
  return chosen;
}

Result<std::vector<std::string>> parse_architectures(const Node& root,
                                                     const SeccompContext& context) {
  const Node map = member(root, "archMap");
  TRY(auto listed, texts(member(root, "architectures")));
  TRY(auto mapped, parse_arch_map(map, context));
  if (!listed.empty() && !map.absent() && !map.value->empty())
    return bad(map, "is given beside architectures");
  return listed.empty() ? mapped : listed;
}

Result<oci::Seccomp> parse_profile(const Node& root, const SeccompContext& context) {
  oci::Seccomp seccomp;
  if (root.absent() || !root.value->is_object()) return bad(root, "must be an object");
  const Node action = member(root, "defaultAction");
  TRY(seccomp.default_action, required_text(action));
  TRY(seccomp.default_errno_ret, errno_of(root, "defaultErrnoRet", "defaultErrno"));
  TRY_VOID(check_action(action, seccomp.default_action, seccomp.default_errno_ret));
  TRY(seccomp.architectures, parse_architectures(root, context));
  TRY(seccomp.flags, texts(member(root, "flags")));
  TRY(seccomp.listener_path, text(member(root, "listenerPath")));
  TRY(seccomp.listener_metadata, text(member(root, "listenerMetadata")));
  TRY(seccomp.syscalls, parse_rules(member(root, "syscalls"), context));
  return seccomp;
}

}  // namespace

Result<oci::Seccomp> parse_seccomp_profile(std::string_view text, const SeccompContext& context) {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return fail("profile: is not JSON");
  return parse_profile({&root, ""}, context);
}

}  // namespace mycontainer::runtime::security
