#include <unistd.h>

#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/copy.h"
#include "runtime/state/event_log.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {

namespace {

using options::Option;
using runtime::lifecycle::CopyOutcome;
using runtime::lifecycle::CopyRequest;

struct Typed {
  bool archive = false, follow_link = false;
  bool quiet = false;
  bool has_quiet = false;
};

Result<void> set_quiet(Typed& typed, std::string_view value) {
  TRY(typed.quiet, options::parse_bool(value));
  typed.has_quiet = true;
  return {};
}

constexpr std::array kOptions = {
    Option{"archive", 'a', "", "Archive mode (copy all uid/gid information)",
           options::flag<&Typed::archive>},
    Option{"follow-link", 'L', "", "Always follow symbol link in SRC_PATH",
           options::flag<&Typed::follow_link>},
    Option{
        "quiet", 'q', "",
        "Suppress progress output during copy. Progress output is automatically suppressed if no "
        "terminal is attached",
        options::apply_to<Typed, set_quiet>},
};

// One of the two words: of a container, or local.
struct Side {
  std::string container, path;
};

// What begins with "/" or "." is local, whatever colons it has.
Side split(const std::string& word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos || word.front() == '/' || word.front() == '.') return {"", word};
  return {word.substr(0, colon), word.substr(colon + 1)};
}

// "2.05kB": three digits, in thousands.
std::string size_text(std::uint64_t bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1000 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  return fmt::format("{:.3g}{}", size, kUnits[unit]);
}

void report(const VerbCall& call, const Typed& typed, const CopyOutcome& outcome) {
  for (const std::string& path : outcome.left_out) {
    warn(call, fmt::format("left out the device node {}", path));
  }
  const bool quiet = typed.has_quiet ? typed.quiet : ::isatty(STDOUT_FILENO) == 0;
  if (quiet || outcome.target == "-") return;
  tell(fmt::format("Successfully copied {} to {}\n", size_text(outcome.size), outcome.target));
}

// Docker's words for it.
void note(const runtime::state::Roots& roots, const std::string& id, const char* action) {
  namespace state = runtime::state;
  const auto container = state::Container::open(roots, id);
  const auto record = container ? container->read() : Result<state::Record>(Failure(Error{}));
  if (record) state::append_event(roots, state::container_event(*record, action));
}

Result<CopyOutcome> copy(const VerbCall& call, const Typed& typed, const Side& source,
                         const Side& target) {
  const bool from = !source.container.empty(), to = !target.container.empty();
  if (from && to) return fail("copying between containers is not supported");
  if (!from && !to) return fail("must specify at least one container source");
  TRY(const auto roots, roots_of(call));
  const Side& inside = from ? source : target;
  CopyRequest request;
  request.container = inside.container;
  request.container_path = inside.path;
  request.local_path = from ? target.path : source.path;
  request.archive = typed.archive;
  request.follow_link = typed.follow_link;
  TRY(request.id, runtime::state::find(roots, inside.container));
  auto done = from ? runtime::lifecycle::copy_from_container(roots, request)
                   : runtime::lifecycle::copy_to_container(roots, request);
  if (done) note(roots, request.id, from ? "archive-path" : "extract-to-dir");
  return done;
}

}  // namespace

Result<int> cp_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 2, .most = 2}));
  if (!words) return 0;
  if (words->front().empty()) return fail("source can not be empty");
  if (words->back().empty()) return fail("destination can not be empty");
  TRY(const CopyOutcome outcome, copy(call, typed, split(words->front()), split(words->back())));
  report(call, typed, outcome);
  return 0;
}

}  // namespace mycontainer::cmd
