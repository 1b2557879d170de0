#include <array>
#include <cstdio>
#include <string_view>

#include "tests/programs/probe/probe.h"

namespace mycontainer::probe {
namespace {

struct Verb {
  std::string_view name;
  int (*run)(Args);
};

constexpr std::array kVerbs = {
    Verb{"show", show},
    Verb{"exit", act_exit},
    Verb{"crash", act_crash},
    Verb{"fork", act_fork},
    Verb{"allocate", act_allocate},
    Verb{"catch", act_catch},
    Verb{"orphan", act_orphan},
    Verb{"loopback", act_loopback},
    Verb{"attempt", attempt},
    Verb{"write", attempt_write},
    Verb{"overwrite", act_overwrite},
    Verb{"call", call},
    Verb{"serve", serve},
    Verb{"ask", ask},
    Verb{"without-netfilter", without_netfilter},
};

int run(Args words) {
  const std::string_view wanted = words.size() > 1 ? words[1] : "show";
  for (const Verb& verb : kVerbs) {
    if (verb.name == wanted) return verb.run(words.subspan(words.size() > 1 ? 2 : 1));
  }
  std::fprintf(stderr, "probe: unknown verb %s\n", words[1]);
  return 99;
}

}  // namespace
}  // namespace mycontainer::probe

int main(int argc, char** argv) {
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  return mycontainer::probe::run({argv, static_cast<std::size_t>(argc)});
}
