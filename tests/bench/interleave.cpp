// Measures commands against each other: one round runs each of them once, so that whatever else
// the machine does meets all of them alike.
//
//   interleave ROUNDS NAME COMMAND [ARG...] [+++|%%% COMMAND [ARG...]]... [--- NAME COMMAND...]...
//   interleave --at-once N TOTAL NAME COMMAND [ARG...]      (an ARG of "{}" becomes a number)
//
// A contender's commands (+++) run one after the other, and their times add up. One that begins with
// "%%%" instead prepares or clears up and is not measured; only its failure counts.
//
// Prints, separated by tabs: name, median, 10th and 90th percentile (microseconds from spawn to
// reaped), peak resident memory (KiB), failures. With --at-once: name, wall-clock and processor
// microseconds of all TOTAL commands, N of them running at any time, failures. The commands' output
// goes to the null device. Small and static, so that its own weight does not show.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

struct Command {
  char** words = nullptr;
  bool is_measured = true;
};

struct Contender {
  const char* name = nullptr;
  std::vector<Command> commands;
  std::vector<std::int64_t> micros;
  long peak_kib = 0;
  int failures = 0;
};

std::int64_t now_micros() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

pid_t start(char** command) {
  static posix_spawn_file_actions_t* const quiet = [] {
    static posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    return &actions;
  }();
  pid_t child = -1;
  return ::posix_spawnp(&child, command[0], quiet, nullptr, command, environ) == 0 ? child : -1;
}

void run_once(Contender& contender, bool counts) {
  std::int64_t micros = 0;
  bool failed = false;
  for (const Command& command : contender.commands) {
    const std::int64_t begin = now_micros();
    const pid_t child = start(command.words);
    int status = 1;
    rusage usage{};
    if (child > 0) ::wait4(child, &status, 0, &usage);
    failed = failed || status != 0;
    if (!command.is_measured) continue;
    micros += now_micros() - begin;
    if (counts) contender.peak_kib = std::max(contender.peak_kib, usage.ru_maxrss);
  }
  if (!counts) return;
  contender.micros.push_back(micros);
  if (failed) ++contender.failures;
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  return sorted[(sorted.size() - 1) * percent / 100];
}

int interleave(int rounds, std::vector<Contender>& contenders) {
  constexpr int kWarmUp = 3;
  for (int round = -kWarmUp; round < rounds; ++round) {
    for (Contender& contender : contenders) run_once(contender, round >= 0);
  }
  for (Contender& contender : contenders) {
    std::sort(contender.micros.begin(), contender.micros.end());
    std::printf("%s\t%ld\t%ld\t%ld\t%ld\t%d\n", contender.name, percentile(contender.micros, 50),
                percentile(contender.micros, 10), percentile(contender.micros, 90),
                contender.peak_kib, contender.failures);
  }
  return 0;
}

// The command with its place for a number filled in.
pid_t start_numbered(char** command, int number) {
  static char text[32];
  std::snprintf(text, sizeof text, "numbered-%d-%d", ::getpid(), number);
  std::vector<char*> words;
  for (; *command != nullptr; ++command) {
    words.push_back(std::string_view(*command) == "{}" ? text : *command);
  }
  words.push_back(nullptr);
  return start(words.data());
}

int at_once(int width, int total, const Contender& contender) {
  const auto micros = [](const timeval& time) { return time.tv_sec * 1'000'000 + time.tv_usec; };
  std::int64_t processor = 0;
  int started = 0, ended = 0, failures = 0;
  const std::int64_t begin = now_micros();
  while (ended < total) {
    while (started < total && started - ended < width) {
      if (start_numbered(contender.commands.front().words, started) < 0) return 1;
      ++started;
    }
    int status = 0;
    rusage usage{};
    if (::wait4(-1, &status, 0, &usage) < 0) return 1;
    processor += micros(usage.ru_utime) + micros(usage.ru_stime);
    if (status != 0) ++failures;
    ++ended;
  }
  std::printf("%s\t%ld\t%ld\t%d\n", contender.name, now_micros() - begin, processor, failures);
  return 0;
}

// Cuts "NAME COMMAND... +++ COMMAND... --- NAME COMMAND..." up in place. A contender may begin with
// a separator, too: NAME %%% COMMAND... +++ COMMAND...
std::vector<Contender> contenders_from(char** words) {
  std::vector<Contender> result;
  bool begins = true;
  for (char** word = words; *word != nullptr; ++word) {
    const std::string_view text(*word);
    const bool separates = text == "+++" || text == "%%%";
    if (begins) {
      result.push_back({word[0], {}, {}, 0, 0});
      begins = false;
      const std::string_view next(word[1] != nullptr ? word[1] : "");
      if (next != "+++" && next != "%%%") result.back().commands.push_back({word + 1, true});
      continue;
    }
    begins = text == "---";
    if (separates) result.back().commands.push_back({word + 1, text == "+++"});
    if (begins || separates) *word = nullptr;
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 5 && std::string_view(argv[1]) == "--at-once") {
    return at_once(std::atoi(argv[2]), std::atoi(argv[3]), {argv[4], {{argv + 5, true}}, {}, 0, 0});
  }
  const int rounds = argc > 3 ? std::atoi(argv[1]) : 0;
  if (rounds <= 0) {
    std::fprintf(stderr, "usage: interleave ROUNDS NAME COMMAND [ARG...] [--- NAME COMMAND...]\n");
    return 2;
  }
  std::vector<Contender> contenders = contenders_from(argv + 2);
  return interleave(rounds, contenders);
}
