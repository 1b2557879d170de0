#include <array>
#include <string>

#include "runtime/oci/validate.h"
#include "runtime/oci/validate_linux.h"
#include "runtime/oci/validate_scheduling.h"
#include "runtime/oci/validate_strings.h"

namespace mycontainer::runtime::oci {
namespace {

constexpr std::array<std::string_view, 16> kRlimits = {
    "RLIMIT_AS",     "RLIMIT_CORE",   "RLIMIT_CPU",        "RLIMIT_DATA",
    "RLIMIT_FSIZE",  "RLIMIT_LOCKS",  "RLIMIT_MEMLOCK",    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",   "RLIMIT_NOFILE", "RLIMIT_NPROC",      "RLIMIT_RSS",
    "RLIMIT_RTPRIO", "RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK"};
constexpr int kOomScoreLimit = 1000;         // proc(5), oom_score_adj
constexpr std::uint32_t kNoId = UINT32_MAX;  // setresuid(2): "leave it as it is"

Result<void> check_user(const User& user) {
  if (user.uid == kNoId) return fail("process.user.uid: {} is not a user", user.uid);
  if (user.gid == kNoId) return fail("process.user.gid: {} is not a group", user.gid);
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i)
    if (user.additional_gids[i] == kNoId)
      return fail("process.user.additionalGids[{}]: {} is not a group", i, kNoId);
  if (user.umask && *user.umask > 0777) return fail("process.user.umask: above 0777");
  return {};
}

Result<void> check_rlimits(const std::vector<Rlimit>& rlimits) {
  for (auto limit = rlimits.begin(); limit != rlimits.end(); ++limit) {
    const auto i = limit - rlimits.begin();
    const auto same_type = [&](const Rlimit& other) { return other.type == limit->type; };
    if (!contains(kRlimits, limit->type))
      return fail("process.rlimits[{}].type: unknown \"{}\"", i, limit->type);
    if (limit->soft > limit->hard)
      return fail("process.rlimits[{}].soft: {} is above the hard limit {}", i, limit->soft,
                  limit->hard);
    if (std::find_if(rlimits.begin(), limit, same_type) != limit)
      return fail("process.rlimits[{}].type: {} is set twice", i, limit->type);
  }
  return {};
}

Result<void> check_program(const Process& process) {
  if (process.args.empty()) return fail("process.args: names no program");
  if (process.args[0].empty()) return fail("process.args[0]: names no program");
  TRY_VOID(check_strings("process.args", process.args));
  TRY_VOID(check_env("process.env", process.env));
  if (!is_absolute(process.cwd))
    return fail("process.cwd: \"{}\" is not an absolute path", process.cwd);
  return {};
}

}  // namespace

Result<void> check_strings(const char* path, const std::vector<std::string>& strings) {
  for (std::size_t i = 0; i < strings.size(); ++i)
    if (has_nul(strings[i])) return fail("{}[{}]: holds a NUL byte", path, i);
  return {};
}

Result<void> check_env(const char* path, const std::vector<std::string>& env) {
  TRY_VOID(check_strings(path, env));
  for (std::size_t i = 0; i < env.size(); ++i)
    if (const auto equals = env[i].find('='); equals == std::string::npos || equals == 0)
      return fail("{}[{}]: \"{}\" is not NAME=VALUE", path, i, env[i]);
  return {};
}

Result<void> validate_process(const Process& process) {
  TRY_VOID(check_program(process));
  TRY_VOID(check_user(process.user));
  TRY_VOID(check_rlimits(process.rlimits));
  if (has_nul(process.selinux_label)) return fail("process.selinuxLabel: holds a NUL byte");
  if (has_nul(process.apparmor_profile)) return fail("process.apparmorProfile: holds a NUL byte");
  if (process.oom_score_adj &&
      (*process.oom_score_adj < -kOomScoreLimit || *process.oom_score_adj > kOomScoreLimit))
    return fail("process.oomScoreAdj: {} is not between -1000 and 1000", *process.oom_score_adj);
  return validate_scheduling(process);
}

}  // namespace mycontainer::runtime::oci
