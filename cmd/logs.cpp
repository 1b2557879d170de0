#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "cmd/options/members.h"
#include "cmd/options/timestamp.h"
#include "cmd/verbs.h"
#include "reexec/sys/file.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/log/reader.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

namespace log = runtime::log;
namespace state = runtime::state;
using options::Option;

struct Typed {
  bool details = false, timestamps = false;
  log::ReadRequest request;
};

Result<void> set_follow(Typed& typed, std::string_view value) {
  TRY(typed.request.follow, options::parse_bool(value));
  return {};
}

Result<void> set_since(Typed& typed, std::string_view value) {
  TRY(typed.request.since, options::parse_timestamp(value, state::now()));
  return {};
}

Result<void> set_until(Typed& typed, std::string_view value) {
  TRY(typed.request.until, options::parse_timestamp(value, state::now()));
  return {};
}

// As under Docker a negative number is all of them.
Result<void> set_tail(Typed& typed, std::string_view value) {
  typed.request.tail.reset();
  if (value == "all") return {};
  TRY(const auto count, options::parse_integer<std::int64_t>(value));
  if (count >= 0) typed.request.tail = static_cast<std::uint64_t>(count);
  return {};
}

template <Result<void> (*Function)(Typed&, std::string_view)>
constexpr options::Apply on = options::apply<Typed, Function>;

constexpr std::array kOptions = {
    Option{"details", 0, "", "Show extra details provided to logs", options::flag<&Typed::details>},
    Option{"follow", 'f', "", "Follow log output", on<set_follow>},
    Option{"since", 0, "string",
           R"(Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or )"
           R"(relative (e.g. "42m" for 42 minutes))",
           on<set_since>},
    Option{"tail", 'n', "string",
           R"(Number of lines to show from the end of the logs (default "all"))", on<set_tail>},
    Option{"timestamps", 't', "", "Show timestamps", options::flag<&Typed::timestamps>},
    Option{"until", 0, "string",
           R"(Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or )"
           R"(relative (e.g. "42m" for 42 minutes))",
           on<set_until>},
};

// Records to our two streams, in large pieces but in order.
class Printer {
 public:
  explicit Printer(const Typed& typed) : typed_(typed) {}

  Result<void> print(const log::Entry& entry) {
    if (entry.stream != stream_ || text_.size() + entry.text.size() > kEnough) TRY_VOID(flush());
    stream_ = entry.stream;
    bool& in_line = in_line_[entry.stream == 2 ? 1 : 0];
    if (!in_line && typed_.timestamps) text_.append(entry.time) += ' ';
    if (!in_line && typed_.details) text_ += ' ';  // Docker's "ATTRIBUTES ", of which we keep none
    in_line = !entry.text.ends_with('\n');
    text_ += entry.text;
    return {};
  }

  Result<void> flush() {
    const int fd = stream_ == 2 ? STDERR_FILENO : STDOUT_FILENO;
    TRY_VOID(sys::write_all(fd, text_));
    text_.clear();
    return {};
  }

 private:
  static constexpr std::size_t kEnough = 64 << 10;

  const Typed& typed_;
  std::string text_;
  int stream_ = STDOUT_FILENO;
  std::array<bool, 2> in_line_{};  // the last record of the stream was only a part of a line
};

Result<void> check_log(const state::Record& record) {
  if (record.foreground) {
    return Failure(
        Error{fmt::format("there is no log of {}", record.name), 0,
              "its output goes to the command that runs it; without --rm, or with -d, it "
              "is kept",
              0});
  }
  if (record.log.driver == "none") {
    return fail("configured logging driver does not support reading");
  }
  return {};
}

// Whether a run goes on whose output may still come, without reading more than is new.
class Run {
 public:
  Run(const state::Roots& roots, const state::Container& container)
      : roots_(roots), container_(container) {}

  bool goes_on() {
    // record.json is replaced by a new file whenever it changes.
    struct stat status {};
    if (::fstatat(container_.fd(), "record.json", &status, 0) != 0) return false;
    if (std::exchange(seen_, status.st_ino) != status.st_ino) {
      const auto record = container_.read();
      ended_ = !record || record->state.status == state::Status::kExited;
    }
    return !ended_ && state::is_supervised(roots_, container_.id());
  }

 private:
  const state::Roots& roots_;
  const state::Container& container_;
  ino_t seen_ = 0;
  bool ended_ = false;
};

Result<int> print_log(const state::Roots& roots, const std::string& id, Typed& typed) {
  TRY(const auto container, state::Container::open(roots, id));
  TRY(const auto record, runtime::lifecycle::record_of(container));
  TRY_VOID(check_log(record));
  Printer printer(typed);
  Result<void> printed;
  Run run(roots, container);
  typed.request.goes_on = [&] {
    printed = printer.flush();
    return printed && run.goes_on();
  };
  const auto done = log::read(container.fd(), typed.request, [&](const log::Entry& entry) {
    if (printed) printed = printer.print(entry);
    return printed.has_value();
  });
  if (printed) printed = printer.flush();
  if (!printed) return within("write the log", std::move(printed).error());
  // One that was never started has none yet.
  if (!done && done.error().code != ENOENT) return Failure(done.error());
  return 0;
}

}  // namespace

Result<int> logs_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1, .most = 1}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, state::find(roots, words->front()));
  return print_log(roots, id, typed);
}

}  // namespace mycontainer::cmd
