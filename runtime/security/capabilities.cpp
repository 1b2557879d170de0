#include "runtime/security/capabilities.h"

#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace mycontainer::runtime::security {
namespace {

constexpr int kKnown = static_cast<int>(kCapabilityNames.size());
static_assert(kCapabilityNames[CAP_CHOWN] == "CAP_CHOWN");
static_assert(kCapabilityNames[CAP_SYS_ADMIN] == "CAP_SYS_ADMIN");
static_assert(kCapabilityNames[CAP_AUDIT_READ] == "CAP_AUDIT_READ");
static_assert(kCapabilityNames[CAP_CHECKPOINT_RESTORE] == "CAP_CHECKPOINT_RESTORE");

// The 64 bits of each set, which capget(2) and capset(2) take as two halves.
struct KernelSets {
  CapabilityMask effective = 0, permitted = 0, inheritable = 0;
};

CapabilityMask joined(std::uint32_t low, std::uint32_t high) {
  return CapabilityMask{high} << 32 | low;
}

Result<KernelSets> read_sets() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return fail_errno("read the capabilities");
  return KernelSets{joined(data[0].effective, data[1].effective),
                    joined(data[0].permitted, data[1].permitted),
                    joined(data[0].inheritable, data[1].inheritable)};
}

Result<void> write_sets(const KernelSets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    data[half] = {static_cast<std::uint32_t>(sets.effective >> (32 * half)),
                  static_cast<std::uint32_t>(sets.permitted >> (32 * half)),
                  static_cast<std::uint32_t>(sets.inheritable >> (32 * half))};
  }
  if (::syscall(SYS_capset, &header, data) != 0) return fail_errno("set the capabilities");
  return {};
}

struct Change {
  CapabilityMask set = 0;
  bool all = false;
};

Result<Change> parse_change(const char* option, const std::vector<std::string>& names) {
  Change change;
  for (const std::string& name : names) {
    if (::strcasecmp(name.c_str(), "ALL") == 0) {
      change.all = true;
      continue;
    }
    const auto number = capability_number(name);
    if (!number) return fail("{}: unknown capability {}", option, name);
    change.set |= capability_bit(*number);
  }
  return change;
}

Result<void> refuse_unavailable(CapabilityMask missing) {
  if (missing == 0) return {};
  Failure failure = fail("--cap-add: {} is not available here", capability_names(missing).front());
  failure.value().hint = "mycontainer itself does not hold this capability, or the kernel lacks it";
  return failure;
}

CapabilityMask parse_names(const std::vector<std::string>& names,
                           std::vector<std::string>& unknown) {
  CapabilityMask set = 0;
  for (const std::string& name : names) {
    if (const auto number = capability_number(name))
      set |= capability_bit(*number);
    else if (std::find(unknown.begin(), unknown.end(), name) == unknown.end())
      unknown.push_back(name);
  }
  return set;
}

}  // namespace

std::optional<int> capability_number(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (!upper.starts_with("CAP_")) upper.insert(0, "CAP_");
  const auto found = std::find(kCapabilityNames.begin(), kCapabilityNames.end(), upper);
  if (found == kCapabilityNames.end()) return std::nullopt;
  return static_cast<int>(found - kCapabilityNames.begin());
}

std::string capability_name(int number) {
  return std::string(kCapabilityNames[static_cast<std::size_t>(number)]);
}

std::vector<std::string> capability_names(CapabilityMask set) {
  std::vector<std::string> names;
  for (int number = 0; number < kKnown; ++number) {
    if (set & capability_bit(number)) names.push_back(capability_name(number));
  }
  return names;
}

Result<oci::Capabilities> resolve(const CapabilityRequest& request, CapabilityMask available) {
  TRY(const Change add, parse_change("--cap-add", request.add));
  TRY(const Change drop, parse_change("--cap-drop", request.drop));
  CapabilityMask set = kDefaultCapabilities & available;
  if (request.privileged) {
    set = available;
  } else {
    TRY_VOID(refuse_unavailable(add.set & ~available));
    if (add.all)
      set = available & ~drop.set;
    else if (drop.all)
      set = add.set;
    else
      set = (set & ~drop.set) | add.set;
  }
  oci::Capabilities capabilities;
  capabilities.bounding = capability_names(set);
  capabilities.effective = capabilities.bounding;
  capabilities.permitted = capabilities.bounding;
  return capabilities;
}

CapabilityMask available_capabilities(bool new_user_namespace) {
  const CapabilityMask kernel = kAllCapabilities & ((capability_bit(last_capability()) << 1) - 1);
  if (new_user_namespace) return kernel;
  const auto sets = read_sets();
  return sets ? sets->permitted & kernel : 0;
}

int last_capability() {
  // PR_CAPBSET_READ answers EINVAL beyond the kernel's last one: usually the first question settles
  // it, and no file of a possibly absent /proc is needed.
  int last = kKnown - 1;
  while (last > 0 && ::prctl(PR_CAPBSET_READ, last, 0, 0, 0) < 0) --last;
  return last;
}

ParsedCapabilities parse_capabilities(const oci::Capabilities& capabilities) {
  ParsedCapabilities parsed;
  parsed.sets.bounding = parse_names(capabilities.bounding, parsed.unknown);
  parsed.sets.effective = parse_names(capabilities.effective, parsed.unknown);
  parsed.sets.inheritable = parse_names(capabilities.inheritable, parsed.unknown);
  parsed.sets.permitted = parse_names(capabilities.permitted, parsed.unknown);
  parsed.sets.ambient = parse_names(capabilities.ambient, parsed.unknown);
  return parsed;
}

Result<void> drop_bounding(CapabilityMask keep) {
  for (int number = 0; number < 64; ++number) {
    if (number < kKnown && (keep & capability_bit(number))) continue;
    if (::prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0) continue;
    // The kernel's last capability was the one before; it may be later than the last one we name.
    if (errno == EINVAL) return {};
    return fail_errno("drop capability {} from the bounding set", number);
  }
  return {};
}

Result<void> keep_capabilities() {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    return fail_errno("keep the capabilities across setresuid");
  return {};
}

Result<void> raise_permitted() {
  TRY(KernelSets sets, read_sets());
  sets.effective = sets.permitted;
  return write_sets(sets);
}

Result<void> set_capabilities(const CapabilitySets& sets) {
  TRY(const KernelSets held, read_sets());
  KernelSets next;
  next.permitted = sets.permitted & held.permitted;
  next.effective = sets.effective & next.permitted;
  // The kernel takes an inheritable capability from what is permitted; wider ones need CAP_SETPCAP.
  next.inheritable = sets.inheritable & (held.permitted | held.inheritable);
  const CapabilityMask ambient = sets.ambient & next.permitted & next.inheritable;
  TRY_VOID(write_sets(next));
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return fail_errno("clear the ambient capabilities");
  for (int number = 0; number < kKnown; ++number) {
    if ((ambient & capability_bit(number)) &&
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0)
      return fail_errno("raise the ambient capability {}", capability_name(number));
  }
  return {};
}

}  // namespace mycontainer::runtime::security
