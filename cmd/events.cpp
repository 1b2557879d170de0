#include <array>

#include "cmd/list/event_format.h"
#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/options/timestamp.h"
#include "cmd/verbs.h"
#include "runtime/state/event_log.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::state::Event;
using runtime::state::Nanoseconds;

struct Typed {
  std::string since, until, format;
  list::Filters filters;
};

Result<void> take_filter(Typed& typed, std::string_view value) {
  return list::add_filter(typed.filters, value);
}

constexpr std::array kOptions = {
    Option{"filter", 'f', "filter", "Filter output based on conditions provided",
           options::apply<Typed, take_filter>},
    Option{"format", 0, "string", "Format output: 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"since", 0, "string", "Show all events created since timestamp",
           options::text<&Typed::since>},
    Option{"until", 0, "string", "Stream events until this timestamp",
           options::text<&Typed::until>},
};

Result<std::string> line_of(const Event& event, const list::ListFormat& format) {
  if (format.is_default()) return list::event_line(event);
  return format.line(list::event_document(event));
}

}  // namespace

Result<int> events_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {0, 0}));
  if (!words) return 0;
  TRY(const auto format, list::ListFormat::parse(typed.format));
  TRY_VOID(list::check_event_filters(typed.filters));
  TRY(const auto roots, roots_of(call));
  const Nanoseconds now = runtime::state::now();
  Nanoseconds since = now, until = 0;
  if (!typed.since.empty()) {
    TRY(since, options::parse_timestamp(typed.since, now));
  }
  if (!typed.until.empty()) {
    TRY(until, options::parse_timestamp(typed.until, now));
    // Until a time that has passed: what happened before it, from the beginning, as Docker has it.
    if (typed.since.empty()) since = 0;
  }
  const bool follow = until == 0 || until > now;
  Result<void> told;
  const auto show = [&](const Event& event) {
    if (!list::takes_event(typed.filters, event)) return true;
    const auto line = line_of(event, format);
    told = line ? say(*line) : Result<void>(Failure(line.error()));
    return told.has_value();
  };
  TRY_VOID(runtime::state::read_events(roots, since, until, follow, show));
  TRY_VOID(told);
  return 0;
}

}  // namespace mycontainer::cmd
