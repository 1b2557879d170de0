#include "runtime/hooks/hooks.h"

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "reexec/command.h"
#include "reexec/sys/log.h"
#include "runtime/hooks/outcome.h"

namespace mycontainer::runtime::hooks {
namespace {

using reexec::Command;
using reexec::Process;
using reexec::Stdio;

Command command_for(const oci::Hook& hook, std::string_view state_json) {
  Command command = Command::program(hook.path);
  if (!hook.args.empty()) {
    command.argv0(hook.args.front());
    command.args({hook.args.begin() + 1, hook.args.end()});
  }
  command.clear_env();
  for (const std::string& variable : hook.env) {
    const std::size_t equals = variable.find('=');
    command.env(std::string_view(variable).substr(0, equals),
                equals == variable.npos ? "" : std::string_view(variable).substr(equals + 1));
  }
  // A file in memory: a hook that reads nothing cannot stop us. Output goes through pipes, because
  // in a container /dev/null may be missing or something else.
  command.in(Stdio::bytes(std::string(state_json))).out(Stdio::pipe()).err(Stdio::pipe());
  command.attributes().process_group = 0;
  return command;
}

// Not waited for, its pid belongs to it and no other, and so does the number of its group.
void kill_group(const Process& process) { ::kill(-process.pid(), SIGKILL); }

Result<void> run_hook(const oci::Hook& hook, std::string_view state_json) {
  Command command = command_for(hook, state_json);
  TRY(Process process, command.start());
  OutcomeReader reader(command.take_pipe(1), command.take_pipe(2));
  const auto timeout =
      hook.timeout ? std::optional(std::chrono::seconds(*hook.timeout)) : std::nullopt;
  TRY(const bool ended, reader.read_until_end(process, timeout));
  if (!ended) {
    kill_group(process);
    TRY_VOID(process.wait());
    return fail("was killed because it ran longer than {} s", *hook.timeout);
  }
  TRY(const reexec::Status status, process.wait());
  if (status.success()) return {};
  const std::string said = last_line(reader.text());
  return fail("{}{}{}", status.describe(), said.empty() ? "" : ": ", said);
}

Result<void> run_one(std::string_view kind, std::size_t index, const oci::Hook& hook,
                     std::string_view state_json) {
  auto done = run_hook(hook, state_json);
  if (done) return {};
  return within(fmt::format("hooks.{}[{}] {}", kind, index, hook.path), std::move(done).error());
}

}  // namespace

Result<void> run_hooks(std::string_view kind, std::span<const oci::Hook> hooks,
                       std::string_view state_json) {
  for (std::size_t i = 0; i < hooks.size(); ++i) TRY_VOID(run_one(kind, i, hooks[i], state_json));
  return {};
}

void run_all_hooks(std::string_view kind, std::span<const oci::Hook> hooks,
                   std::string_view state_json) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const auto done = run_one(kind, i, hooks[i], state_json);
    if (!done) log_warn("{}", done.error().message());
  }
}

}  // namespace mycontainer::runtime::hooks
