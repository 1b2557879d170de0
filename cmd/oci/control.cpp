#include "runtime/container/control.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "cmd/oci/resources.h"
#include "cmd/oci/verb.h"
#include "cmd/oci/words.h"
#include "reexec/sys/file.h"
#include "runtime/container/create.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;

struct Typed {
  bool all = false, force = false, help = false;
};

constexpr Option kHelp{"help", 'h', "", "Print usage", flag<&Typed::help>};
constexpr std::array kIdOnly = {kHelp};
constexpr std::array kKillOptions = {
    Option{"all", 'a', "", "Send the signal to every process of the container", flag<&Typed::all>},
    kHelp};
constexpr std::array kDeleteOptions = {
    Option{"force", 'f', "", "Kill the container first; it need not even exist",
           flag<&Typed::force>},
    kHelp};

// What --resources names; empty when it names nothing.
Result<std::string> text_of(const std::string& file) {
  if (file.empty()) return std::string();
  return file == "-" ? sys::read_all(STDIN_FILENO) : sys::read_file_at(AT_FDCWD, file);
}

// A verb about one container, without options.
template <class Action>
Result<int> on_one(std::string_view verb, const VerbCall& call, const Action& action) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kIdOnly, &typed, call.arguments));
  if (typed.help) return show_help(verb, kIdOnly);
  TRY(const std::string id, only_id(words));
  TRY_VOID(action(id, call.settings));
  return 0;
}

}  // namespace

Result<int> start_verb(const VerbCall& call) {
  return on_one("start", call, runtime::container::start);
}

Result<int> pause_verb(const VerbCall& call) {
  return on_one("pause", call, runtime::container::pause);
}

Result<int> resume_verb(const VerbCall& call) {
  return on_one("resume", call, runtime::container::resume);
}

Result<int> kill_verb(const VerbCall& call) {
  Typed typed;
  TRY(Words words, parse_anywhere(kKillOptions, &typed, call.arguments));
  if (typed.help) return show_help("kill", kKillOptions);
  int signal = SIGTERM;
  if (words.size() == 2) {
    TRY(signal, options::parse_signal(words.back()));
    words.pop_back();
  }
  TRY(const std::string id, only_id(words));
  TRY_VOID(runtime::container::kill(id, signal, typed.all, call.settings));
  return 0;
}

Result<int> delete_verb(const VerbCall& call) {
  Typed typed;
  TRY(const Words words, parse_anywhere(kDeleteOptions, &typed, call.arguments));
  if (typed.help) return show_help("delete", kDeleteOptions);
  TRY(const std::string id, only_id(words));
  TRY_VOID(runtime::container::remove(id, typed.force, call.settings));
  return 0;
}

Result<int> update_verb(const VerbCall& call) {
  UpdateOptions typed;
  TRY(const Words words, parse_anywhere(update_options(), &typed, call.arguments));
  if (typed.help) return show_help("update", update_options());
  TRY(const std::string id, only_id(words));
  TRY(const std::string text, text_of(typed.file));
  TRY(const auto resources, resources_to_update(typed, text));
  TRY_VOID(runtime::container::update(id, resources, call.settings));
  return 0;
}

}  // namespace mycontainer::cmd::oci
