#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "runtime/engine/spec_parts.h"
#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::engine {
namespace {

using Strings = std::vector<std::string>;

Result<Strings> make_args(const RunRequest& request, const ImageConfig& image) {
  Strings args = request.entrypoint.value_or(image.entrypoint);
  const bool images_command = request.command.empty() && !request.entrypoint;
  const Strings& command = images_command ? image.cmd : request.command;
  args.insert(args.end(), command.begin(), command.end());
  if (args.empty()) return fail("no command specified");
  return args;
}

// "NAME=" of "NAME=VALUE"; empty when there is no name or no "=".
std::string_view name_with_equals(std::string_view entry) {
  const auto equals = entry.find('=');
  return equals == entry.npos || equals == 0 ? std::string_view() : entry.substr(0, equals + 1);
}

bool has_variable(const Strings& env, std::string_view name) {
  return std::any_of(env.begin(), env.end(),
                     [&](const std::string& entry) { return entry.starts_with(name); });
}

Strings make_env(const RunRequest& request, const SpecInputs& inputs, const std::string& hostname) {
  Strings env;
  env.reserve(4 + inputs.image.env.size() + request.env.size());
  env.push_back("PATH=" + std::string(oci::kDefaultPath));
  env.push_back("HOSTNAME=" + hostname);
  if (request.terminal) env.emplace_back("TERM=xterm");
  set_variables(env, inputs.image.env);
  set_variables(env, request.env);
  if (!has_variable(env, "HOME=")) env.push_back("HOME=" + inputs.user.home);
  return env;
}

// The image's may lack its first slash; Docker takes it from the root.
std::string make_cwd(const RunRequest& request, const ImageConfig& image) {
  if (!request.working_directory.empty()) return request.working_directory;
  return image.working_directory.starts_with('/') ? image.working_directory
                                                  : "/" + image.working_directory;
}

}  // namespace

void set_variables(Strings& env, const Strings& entries) {
  // By name, as an --env-file may have a hundred thousand lines.
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < env.size(); ++i) places.emplace(name_with_equals(env[i]), i);
  for (const std::string& entry : entries) {
    const std::string_view name = name_with_equals(entry);
    if (name.empty()) continue;
    const auto [place, is_new] = places.emplace(name, env.size());
    if (is_new)
      env.push_back(entry);
    else
      env[place->second] = entry;
  }
}

Result<oci::Process> make_process(const RunRequest& request, const SpecInputs& inputs,
                                  const std::string& hostname) {
  oci::Process process;
  TRY(process.args, make_args(request, inputs.image));
  process.terminal = request.terminal;
  if (request.terminal) process.console_size = inputs.console_size;
  process.user.uid = inputs.user.uid;
  process.user.gid = inputs.user.gid;
  process.user.additional_gids = inputs.user.additional_gids;
  process.env = make_env(request, inputs, hostname);
  process.cwd = make_cwd(request, inputs.image);
  auto& capabilities = process.capabilities.emplace();
  capabilities.bounding = capabilities.effective = capabilities.permitted = inputs.capabilities;
  process.rlimits = request.ulimits;
  process.no_new_privileges = request.no_new_privileges;
  process.apparmor_profile = request.apparmor_profile;
  process.oom_score_adj = request.oom_score_adj;
  return process;
}

}  // namespace mycontainer::runtime::engine
