#include "runtime/lifecycle/exec_process.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <string_view>

#include "reexec/sys/file.h"
#include "runtime/engine/id_maps.h"
#include "runtime/engine/user_lookup.h"
#include "runtime/io/terminal.h"
#include "runtime/lifecycle/running.h"
#include "runtime/security/capabilities.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using container::Entrance;

Failure refused(std::string words) { return Failure(Error{std::move(words), 0, {}, 1}); }

// The container's root directory as its first process sees it. What `pid` names is that process for
// as long as it has not ended.
Result<UniqueFd> open_root(const Entrance& entrance) {
  const std::string path = fmt::format("/proc/{}/root", entrance.record().pid);
  TRY(UniqueFd root, sys::open_at(AT_FDCWD, path, O_PATH | O_DIRECTORY));
  pollfd first{entrance.pidfd(), POLLIN, 0};
  if (::poll(&first, 1, 0) != 0) {
    return refused(fmt::format("container {} is not running", entrance.record().id));
  }
  return root;
}

struct Users {
  engine::ResolvedUser wanted;
  std::string old_home;  // of the container's own user
};

Result<Users> look_up(const engine::UserRequest& user, const Entrance& entrance) {
  TRY(const UniqueFd root, open_root(entrance));
  TRY(const auto database, engine::read_user_database(root.get()));
  Users users;
  TRY(users.wanted, engine::resolve_user(user, database));
  const auto& config = entrance.spec().linux_config;
  const ids::IdMaps maps{config.uid_mappings, config.gid_mappings, {}};
  engine::drop_unmapped_groups(users.wanted, maps);
  TRY_VOID(engine::check_mapped(users.wanted, maps));
  const auto& process = entrance.spec().process;
  const std::string uid = std::to_string(process ? process->user.uid : 0);
  const auto own = engine::resolve_user({uid, {}, {}}, database);
  if (own) users.old_home = own->home;
  return users;
}

Result<void> give_all_rights(oci::Process& process, const oci::Spec& spec) {
  const bool user_namespace = !spec.linux_config.uid_mappings.empty();
  TRY(process.capabilities,
      security::resolve({{}, {}, true}, security::available_capabilities(user_namespace)));
  if (!process.apparmor_profile.empty()) process.apparmor_profile = "unconfined";
  return {};
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

bool has(const std::vector<std::string>& env, std::string_view name) {
  return std::ranges::any_of(env, [name](const auto& entry) { return name_of(entry) == name; });
}

}  // namespace

Result<Entrance> enter(const state::Roots& roots, const std::string& id) {
  container::Settings settings;
  settings.root = state::containers_in(roots.state);
  auto entrance = Entrance::open(id, settings);
  // Without a directory, or in one that is being made or removed, nothing runs yet or any more.
  if (!entrance && entrance.error().code == ENOENT) return not_running(roots, id);
  if (!entrance) return entrance;
  switch (entrance->status()) {
    case container::Status::kRunning:
      return entrance;
    case container::Status::kPaused:
      return refused(fmt::format("container {} is paused, unpause the container before exec", id));
    default:
      return not_running(roots, id);
  }
}

std::vector<std::string> environment_for(const ProcessRequest& request,
                                         std::vector<std::string> env,
                                         const std::string& old_home) {
  // `run` adds HOME last, where neither the image nor the user has set it. Whose it is now, the
  // process's own start finds out.
  if (request.user && !env.empty() && env.back() == "HOME=" + old_home) env.pop_back();
  if (request.terminal && !has(env, "TERM")) env.emplace_back("TERM=xterm");
  for (const std::string& variable : request.env) {
    std::erase_if(env, [&](const auto& entry) { return name_of(entry) == name_of(variable); });
    env.push_back(variable);
  }
  return env;
}

Result<oci::Process> process_for(const ProcessRequest& request, const Entrance& entrance) {
  oci::Process process = entrance.spec().process.value_or(oci::Process());
  std::string old_home;
  if (request.user) {
    TRY(auto users, look_up(*request.user, entrance));
    process.user.uid = users.wanted.uid;
    process.user.gid = users.wanted.gid;
    process.user.additional_gids = std::move(users.wanted.additional_gids);
    old_home = std::move(users.old_home);
  }
  process.args = request.args;
  process.env = environment_for(request, std::move(process.env), old_home);
  if (!request.working_directory.empty()) process.cwd = request.working_directory;
  process.terminal = request.terminal;
  process.console_size.reset();
  if (const auto size = io::current_size(); request.terminal && size) {
    process.console_size = oci::ConsoleSize{size->ws_row, size->ws_col};
  }
  if (request.privileged) TRY_VOID(give_all_rights(process, entrance.spec()));
  return process;
}

Result<container::Newcomer> newcomer_for(const ProcessRequest& request, const Entrance& entrance,
                                         const state::Roots& roots) {
  container::Newcomer newcomer;
  TRY(newcomer.process, process_for(request, entrance));
  newcomer.unconfined = request.privileged;
  newcomer.seccomp_cache = roots.data + "/seccomp";
  // The filter keeps a container from all keys; without it, the container has keys of its own.
  if (newcomer.unconfined || !entrance.spec().linux_config.seccomp) {
    newcomer.session_keyring = "_ses." + entrance.record().id;
  }
  return newcomer;
}

Failure not_started(Error error) {
  constexpr int kNotStarted = 126;
  if (error.exit_status == 0) error.exit_status = kNotStarted;
  return Failure(std::move(error));
}

}  // namespace mycontainer::runtime::lifecycle
