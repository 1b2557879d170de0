#include "runtime/engine/names.h"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace mycontainer::runtime::engine {
namespace {

constexpr std::array<std::string_view, 64> kAdjectives = {
    "agile",  "amber",  "apt",     "ashen",  "autumn", "azure",  "blithe", "bold",
    "brave",  "breezy", "bright",  "brisk",  "calm",   "candid", "cheery", "civil",
    "clever", "cosy",   "crisp",   "deft",   "dewy",   "eager",  "early",  "fair",
    "fleet",  "fond",   "frank",   "fresh",  "gentle", "gilded", "glad",   "golden",
    "happy",  "hardy",  "hazel",   "honest", "humble", "jolly",  "keen",   "kind",
    "lively", "loyal",  "lucid",   "mellow", "merry",  "mild",   "modest", "neat",
    "nimble", "noble",  "patient", "placid", "plucky", "polite", "proud",  "quiet",
    "rapid",  "serene", "silver",  "steady", "sunny",  "tidy",   "vivid",  "witty"};

constexpr std::array<std::string_view, 64> kNouns = {
    "acorn",  "alder",  "aspen",  "badger", "beacon", "beaver", "birch",  "bison",
    "brook",  "canyon", "cedar",  "clover", "comet",  "coral",  "crane",  "delta",
    "dune",   "egret",  "elm",    "falcon", "fern",   "finch",  "fjord",  "fox",
    "geyser", "glade",  "harbor", "hare",   "heron",  "ibis",   "iris",   "island",
    "jay",    "kelp",   "lagoon", "lark",   "lichen", "lynx",   "maple",  "marmot",
    "marten", "meadow", "moss",   "newt",   "oak",    "orchid", "osprey", "otter",
    "owl",    "pebble", "pine",   "plover", "pond",   "quartz", "raven",  "reef",
    "robin",  "sable",  "spruce", "stoat",  "tern",   "thrush", "willow", "wren"};

Result<void> fill_randomly(void* buffer, std::size_t size) {
  // Up to 256 bytes come whole and uninterrupted (getrandom(2)).
  if (::getrandom(buffer, size, 0) != static_cast<ssize_t>(size)) return fail_errno("getrandom");
  return {};
}

}  // namespace

Result<std::string> random_id() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::uint8_t, kIdLength / 2> bytes{};
  std::string id(kIdLength, '0');
  do {
    TRY_VOID(fill_randomly(bytes.data(), bytes.size()));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      id[2 * i] = kDigits[bytes[i] >> 4];
      id[2 * i + 1] = kDigits[bytes[i] & 15];
    }
  } while (id.find_first_of("abcdef") >= kShortIdLength);
  return id;
}

Result<std::string> random_name() {
  std::array<std::uint8_t, 2> bytes{};
  TRY_VOID(fill_randomly(bytes.data(), bytes.size()));
  std::string name(kAdjectives[bytes[0] % kAdjectives.size()]);
  return name.append("_").append(kNouns[bytes[1] % kNouns.size()]);
}

}  // namespace mycontainer::runtime::engine
