#include "runtime/lifecycle/export.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "reexec/sys/file.h"
#include "reexec/sys/new_file.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  std::string output;
};

constexpr std::array kOptions = {Option{
    "output", 'o', "string", "Write to a file, instead of STDOUT", options::text<&Typed::output>}};

}  // namespace

Result<int> export_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {1, 1}));
  if (!words) return 0;
  if (typed.output.empty() && ::isatty(STDOUT_FILENO) != 0) {
    return fail("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  }
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, words->front()));
  std::optional<sys::NewFile> file;
  if (!typed.output.empty()) {
    TRY(auto created, sys::NewFile::create(typed.output, 0600));
    file.emplace(std::move(created));
  }
  UniqueFd out(::fcntl(file ? file->fd() : STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!out) return fail_errno("use the output");
  TRY_VOID(runtime::lifecycle::export_files(roots, id, std::move(out)));
  if (file) TRY_VOID(file->commit());
  return 0;
}

}  // namespace mycontainer::cmd
