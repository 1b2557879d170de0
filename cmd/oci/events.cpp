#include <array>
#include <chrono>

#include "cmd/oci/duration.h"
#include "cmd/oci/event_json.h"
#include "cmd/oci/verb.h"
#include "cmd/oci/words.h"
#include "runtime/container/control.h"
#include "runtime/container/watch.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;
using Clock = std::chrono::steady_clock;

struct Typed {
  std::chrono::nanoseconds interval = std::chrono::seconds(5);
  bool stats = false, help = false;
};

Result<void> set_interval(Typed& typed, std::string_view value) {
  TRY(typed.interval, parse_duration(value));
  return {};
}

constexpr std::array kOptions = {
    Option{"help", 'h', "", "Print usage", flag<&Typed::help>},
    Option{"interval", 0, "duration", "Time between two prints (default 5s)",
           apply<Typed, set_interval>},
    Option{"stats", 0, "", "Print once and end", flag<&Typed::stats>},
};

// The kernel tells nobody that we could wait for together with the process on every host, so the
// counter is looked at this often.
constexpr std::chrono::milliseconds kGlance(200);

Result<void> tell_oom(const std::string& id, const runtime::container::Watch& watch,
                      std::uint64_t& told) {
  const std::uint64_t kills = watch.oom_kills();
  for (; told < kills; ++told) TRY_VOID(say(oom_event(id)));
  return {};
}

Result<void> tell_stats(const std::string& id, const runtime::container::Watch& watch) {
  TRY(const auto stats, watch.stats());
  return say(stats_event(id, stats));
}

Result<void> follow(const std::string& id, std::chrono::nanoseconds interval,
                    const runtime::container::Watch& watch) {
  std::uint64_t told = watch.oom_kills();
  auto next = Clock::now() + interval;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    TRY(const bool ended, watch.ended(std::clamp(left, std::chrono::milliseconds(0), kGlance)));
    TRY_VOID(tell_oom(id, watch, told));
    if (ended) return {};
    if (Clock::now() < next) continue;
    TRY_VOID(tell_stats(id, watch));
    next = Clock::now() + interval;
  }
}

}  // namespace

Result<int> events_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kOptions, &typed, call.arguments));
  if (typed.help) return show_help("events", kOptions);
  TRY(const std::string id, only_id(words));
  TRY(const auto watch, runtime::container::Watch::open(id, call.settings));
  if (typed.stats) {
    TRY_VOID(tell_stats(id, watch));
  } else {
    TRY_VOID(follow(id, typed.interval, watch));
  }
  return 0;
}

}  // namespace mycontainer::cmd::oci
