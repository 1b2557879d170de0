#include "runtime/container/create.h"

#include <array>

#include "cmd/oci/verb.h"
#include "cmd/oci/words.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;

// Both verbs' options; create's table has no row for some of them.
struct Typed {
  std::string bundle = ".", console_socket, pid_file;
  int preserve_fds = 0;
  bool no_pivot = false, no_new_keyring = false, no_subreaper = false;
  bool detach = false, keep = false, help = false;
};

Result<void> set_preserve_fds(Typed& typed, std::string_view value) {
  TRY(typed.preserve_fds, parse_descriptor_count(value));
  return {};
}

constexpr Option kBundle{"bundle", 'b', "directory", "The bundle (default the working directory)",
                         text<&Typed::bundle>};
constexpr Option kConsoleSocket{"console-socket", 0, "path",
                                "Unix socket that gets the terminal's master end",
                                text<&Typed::console_socket>};
constexpr Option kHelp{"help", 'h', "", "Print usage", flag<&Typed::help>};
constexpr Option kNoNewKeyring{"no-new-keyring", 0, "",
                               "Leave the container in the caller's session keyring",
                               flag<&Typed::no_new_keyring>};
constexpr Option kNoPivot{"no-pivot", 0, "",
                          "Leave the host's root by other means than pivot_root(2), which a "
                          "ramdisk cannot do",
                          flag<&Typed::no_pivot>};
constexpr Option kNoSubreaper{"no-subreaper", 0, "", "Has no effect: there never is one",
                              flag<&Typed::no_subreaper>};
constexpr Option kPidFile{"pid-file", 0, "file", "Write the first process's number to this file",
                          text<&Typed::pid_file>};
constexpr Option kPreserveFds{"preserve-fds", 0, "number",
                              "Pass that many descriptors more, from 3 (and $LISTEN_FDS) on",
                              apply<Typed, set_preserve_fds>};

constexpr std::array kCreateOptions = {kBundle,  kConsoleSocket, kHelp,    kNoNewKeyring,
                                       kNoPivot, kNoSubreaper,   kPidFile, kPreserveFds};

constexpr std::array kRunOptions = {
    kBundle,
    kConsoleSocket,
    Option{"detach", 'd', "", "Return when the program runs", flag<&Typed::detach>},
    kHelp,
    Option{"keep", 0, "", "Do not delete the container after its end", flag<&Typed::keep>},
    kNoNewKeyring,
    kNoPivot,
    kNoSubreaper,
    kPidFile,
    kPreserveFds};

Result<runtime::container::CreateRequest> request_from(const Typed& typed, const Words& words,
                                                       const VerbCall& call) {
  runtime::container::CreateRequest request;
  TRY(request.id, only_id(words));
  TRY(request.preserved_fds, call.inherited.preserved(typed.preserve_fds));
  request.env = call.inherited.environment();
  request.bundle = typed.bundle;
  request.console_socket = typed.console_socket;
  request.pid_file = typed.pid_file;
  request.no_pivot = typed.no_pivot;
  request.no_new_keyring = typed.no_new_keyring;
  return request;
}

}  // namespace

Result<int> create_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kCreateOptions, &typed, call.arguments));
  if (typed.help) return show_help("create", kCreateOptions);
  TRY(const auto request, request_from(typed, words, call));
  TRY_VOID(runtime::container::create(request, call.settings));
  return 0;
}

Result<int> run_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kRunOptions, &typed, call.arguments));
  if (typed.help) return show_help("run", kRunOptions);
  runtime::container::RunRequest request;
  TRY(request.create, request_from(typed, words, call));
  request.detach = typed.detach;
  request.keep = typed.keep;
  return runtime::container::run(request, call.settings);
}

}  // namespace mycontainer::cmd::oci
