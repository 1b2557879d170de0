#include "rootfs/image/platform.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <limits>

namespace mycontainer::rootfs::image {
namespace {

constexpr std::array<std::string_view, 8> kSystems = {"linux",  "windows", "darwin",  "freebsd",
                                                      "netbsd", "openbsd", "solaris", "wasip1"};
constexpr std::array<std::string_view, 14> kArchitectures = {
    "386",      "amd64", "arm",   "arm64",   "loong64", "mips",  "mipsle",
    "mips64le", "ppc64", "riscv", "ppc64le", "riscv64", "s390x", "wasm"};

struct OtherName {
  std::string_view name, architecture, variant;
};
constexpr std::array kOtherNames = {
    OtherName{"x86_64", "amd64", ""},
    OtherName{"x86-64", "amd64", ""},
    OtherName{"i386", "386", ""},
    OtherName{"i686", "386", ""},
    OtherName{"aarch64", "arm64", ""},
    OtherName{"armhf", "arm", "v7"},
    OtherName{"armel", "arm", "v6"},
    OtherName{"armv5l", "arm", "v5"},
    OtherName{"armv6l", "arm", "v6"},
    OtherName{"armv7l", "arm", "v7"},
    OtherName{"armv8l", "arm", "v8"},
    OtherName{"loongarch64", "loong64", ""},
    OtherName{"powerpc64le", "ppc64le", ""},
};

// What this program was compiled for. A machine runs it, so it runs such containers.
constexpr std::string_view kOurs =
#if defined(__x86_64__)
    "amd64";
#elif defined(__i386__)
    "386";
#elif defined(__aarch64__)
    "arm64";
#elif defined(__arm__)
    "arm";
#elif defined(__riscv) && __riscv_xlen == 64
    "riscv64";
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    "ppc64le";
#elif defined(__s390x__)
    "s390x";
#elif defined(__loongarch64)
    "loong64";
#elif defined(__mips64) && defined(__MIPSEL__)
    "mips64le";
#else
    "unknown";
#endif

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

template <std::size_t kSize>
bool is_among(const std::array<std::string_view, kSize>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

// One spelling for each platform: default variants are left out, but of arm, which has none.
Platform normal(Platform platform) {
  platform.os = lower(platform.os);
  platform.architecture = lower(platform.architecture);
  platform.variant = lower(platform.variant);
  if (platform.os == "macos") platform.os = "darwin";
  const auto other = std::ranges::find(kOtherNames, platform.architecture, &OtherName::name);
  if (other != kOtherNames.end()) {
    platform.architecture = other->architecture;
    if (!other->variant.empty()) platform.variant = other->variant;
  }
  std::string& variant = platform.variant;
  if (variant.size() == 1 && variant >= "1" && variant <= "9") variant.insert(0, "v");
  if (platform.architecture == "arm" && variant.empty()) variant = "v7";
  if (platform.architecture == "arm64" && variant == "v8") variant.clear();
  if (platform.architecture == "amd64" && variant == "v1") variant.clear();
  return platform;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.';
  });
}

Result<std::vector<std::string_view>> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::string_view rest = text;;) {
    const std::size_t slash = rest.find('/');
    words.push_back(rest.substr(0, slash));
    if (!is_word(words.back()) || words.size() > 3) {
      return fail("invalid platform \"{}\": it is OS/ARCHITECTURE[/VARIANT], as in linux/arm/v7",
                  text.substr(0, 100));
    }
    if (slash == std::string_view::npos) return words;
    rest.remove_prefix(slash + 1);
  }
}

// 5 of "v5"; what has none is the oldest of its kind.
int number_of(std::string_view variant) {
  return variant.size() == 2 && variant[0] == 'v' && variant[1] >= '0' && variant[1] <= '9'
             ? variant[1] - '0'
             : 0;
}

constexpr int kNever = std::numeric_limits<int>::max();
constexpr int kOtherMode = 100;  // the 32-bit mode of a 64-bit processor

// How far `offered` is from `wanted`; 0: the same. Both normal.
int distance_of_variants(const Platform& wanted, const Platform& offered) {
  if (wanted.variant == offered.variant) return 0;
  const int most =
      wanted.variant.empty() ? (wanted.architecture == "arm64" ? 8 : 1) : number_of(wanted.variant);
  const int has = offered.variant.empty() ? (offered.architecture == "arm64" ? 8 : 1)
                                          : number_of(offered.variant);
  // Of other architectures, or by other words, nothing is known about what runs where.
  const bool ordered = offered.architecture.starts_with("arm") || offered.architecture == "amd64";
  return ordered && most != 0 && has != 0 && has <= most ? most - has : kNever;
}

int distance(const Platform& wanted, const Platform& offered) {
  if (wanted.os != offered.os) return kNever;
  if (!wanted.os_version.empty() && wanted.os_version != offered.os_version) return kNever;
  if (wanted.architecture == offered.architecture) return distance_of_variants(wanted, offered);
  if (wanted.architecture == "amd64" && offered.architecture == "386") return kOtherMode;
  if (wanted.architecture == "arm64" && offered.architecture == "arm") {
    const int older = distance_of_variants({wanted.os, "arm", "v8"}, offered);
    return older == kNever ? kNever : kOtherMode + older;
  }
  return kNever;
}

bool names_a_platform(const Descriptor& entry) {
  return entry.platform && !entry.platform->os.empty() && entry.platform->os != "unknown" &&
         !entry.platform->architecture.empty() && entry.platform->architecture != "unknown";
}

}  // namespace

Platform host_platform() {
  Platform platform{"linux", std::string(kOurs), {}};
  utsname names{};
  // Only of arm is there more than one kind that Debian's one program runs on.
  if (kOurs == "arm" && ::uname(&names) == 0) {
    const Platform machine = normal({"linux", names.machine, {}});
    platform.variant = machine.architecture == "arm" ? machine.variant : "v8";
  }
  return normal(std::move(platform));
}

Result<Platform> parse_platform(std::string_view text) {
  TRY(const auto words, words_of(text));
  if (words.size() > 1) {
    return normal({std::string(words[0]), std::string(words[1]),
                   std::string(words.size() > 2 ? words[2] : std::string_view())});
  }
  const Platform host = host_platform();
  const Platform as_architecture = normal({host.os, std::string(words[0]), {}});
  if (is_among(kArchitectures, as_architecture.architecture)) return as_architecture;
  const Platform as_system = normal({std::string(words[0]), host.architecture, host.variant});
  if (is_among(kSystems, as_system.os)) return as_system;
  return fail("invalid platform \"{}\": unknown operating system or architecture", text);
}

std::string to_text(const Platform& platform) {
  std::string text = platform.os + "/" + platform.architecture;
  if (!platform.variant.empty()) text += "/" + platform.variant;
  return text;
}

bool matches(const Platform& wanted, const Platform& offered) {
  return distance(normal(wanted), normal(offered)) != kNever;
}

const Descriptor* choose(const std::vector<Descriptor>& manifests, const Platform& wanted) {
  if (manifests.size() == 1 && !names_a_platform(manifests.front())) return &manifests.front();
  const Platform normal_wanted = normal(wanted);
  const Descriptor* best = nullptr;
  int nearest = kNever;
  for (const Descriptor& entry : manifests) {
    if (!names_a_platform(entry)) continue;
    const int far = distance(normal_wanted, normal(*entry.platform));
    if (far >= nearest) continue;
    nearest = far;
    best = &entry;
  }
  return best;
}

}  // namespace mycontainer::rootfs::image
