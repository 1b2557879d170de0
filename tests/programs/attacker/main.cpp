#include <array>
#include <cstdio>
#include <string_view>

#include "tests/programs/attacker/attacker.h"

namespace mycontainer::attacker {
namespace {

struct Verb {
  std::string_view name;
  int (*run)(Args);
  std::size_t words;  // at least so many after it
};

constexpr std::array kVerbs = {
    Verb{"exchange", exchange, 2},         Verb{"spy", spy, 2},           Verb{"stop", stop, 1},
    Verb{"keep-key", keep_key, 2},         Verb{"find-key", find_key, 1}, Verb{"leak", leak, 1},
    Verb{"leave-leader", leave_leader, 1},
};

int run(Args words) {
  for (const Verb& verb : kVerbs) {
    if (words.size() < verb.words + 2 || verb.name != words[1]) continue;
    return verb.run(words.subspan(2));
  }
  std::fprintf(stderr, "attacker: unknown verb, or words are missing\n");
  return 99;
}

}  // namespace
}  // namespace mycontainer::attacker

int main(int argc, char** argv) {
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  return mycontainer::attacker::run({argv, static_cast<std::size_t>(argc)});
}
