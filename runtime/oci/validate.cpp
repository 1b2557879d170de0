#include "runtime/oci/validate.h"

#include <string>

#include "runtime/oci/validate_linux.h"
#include "runtime/oci/validate_strings.h"

namespace mycontainer::runtime::oci {
namespace {

constexpr std::size_t kMaxHostname = 64;  // sethostname(2), HOST_NAME_MAX

Result<void> check_version(const std::string& version) {
  if (version.starts_with("1.")) return {};
  return fail("ociVersion: \"{}\" is not a version we know (1.x)", version);
}

// config.md, "Linux mount options": whose ids a mapped mount shows must be said somewhere.
Result<void> check_id_mapping(const std::string& place, const Mount& mount, const Linux& config) {
  if (mount.uid_mappings.empty() != mount.gid_mappings.empty())
    return fail("{}: uidMappings and gidMappings only go together", place);
  TRY_VOID(check_mappings(place + ".uidMappings", mount.uid_mappings));
  TRY_VOID(check_mappings(place + ".gidMappings", mount.gid_mappings));
  // crun's spelling; passed over like other unknown options, it would leave the ids as they are.
  for (std::size_t k = 0; k < mount.options.size(); ++k)
    if (mount.options[k].starts_with("idmap=") || mount.options[k].starts_with("ridmap="))
      return fail("{}.options[{}]: say the mapping by uidMappings and gidMappings", place, k);
  const bool wanted = contains(mount.options, "idmap") || contains(mount.options, "ridmap");
  const bool is_bind = mount.type == "bind" || mount.type == "rbind" ||
                       contains(mount.options, "bind") || contains(mount.options, "rbind");
  if ((wanted || !mount.uid_mappings.empty()) && !is_bind)
    return fail("{}: only a bind mount can have its ids mapped", place);
  if (wanted && mount.uid_mappings.empty() && !has_namespace(config, "user"))
    return fail("{}.options: idmap needs uidMappings and gidMappings, or a user namespace", place);
  return {};
}

// A relative destination is taken from "/": deprecated, but allowed (config.md, "Mounts").
Result<void> check_mounts(const std::vector<Mount>& mounts, const Linux& config) {
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const Mount& mount = mounts[i];
    const std::string place = fmt::format("mounts[{}]", i);
    if (mount.destination.empty()) return fail("{}.destination: empty", place);
    if (has_nul(mount.destination)) return fail("{}.destination: holds a NUL byte", place);
    if (has_nul(mount.source)) return fail("{}.source: holds a NUL byte", place);
    if (has_nul(mount.type)) return fail("{}.type: holds a NUL byte", place);
    TRY_VOID(check_strings((place + ".options").c_str(), mount.options));
    TRY_VOID(check_id_mapping(place, mount, config));
  }
  return {};
}

Result<void> check_hooks(const char* kind, const std::vector<Hook>& hooks) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const std::string place = fmt::format("hooks.{}[{}]", kind, i);
    if (!is_absolute(hooks[i].path))
      return fail("{}.path: \"{}\" is not an absolute path", place, hooks[i].path);
    if (hooks[i].timeout && *hooks[i].timeout <= 0)
      return fail("{}.timeout: {} is not above 0", place, *hooks[i].timeout);
    TRY_VOID(check_strings((place + ".args").c_str(), hooks[i].args));
    TRY_VOID(check_env((place + ".env").c_str(), hooks[i].env));
  }
  return {};
}

Result<void> check_all_hooks(const Hooks& hooks) {
  TRY_VOID(check_hooks("prestart", hooks.prestart));
  TRY_VOID(check_hooks("createRuntime", hooks.create_runtime));
  TRY_VOID(check_hooks("createContainer", hooks.create_container));
  TRY_VOID(check_hooks("startContainer", hooks.start_container));
  TRY_VOID(check_hooks("poststart", hooks.poststart));
  return check_hooks("poststop", hooks.poststop);
}

// The name would otherwise be the host's.
Result<void> check_name(const char* property, const std::string& name, const Linux& config) {
  if (name.empty()) return {};
  if (!has_namespace(config, "uts")) return fail("{}: needs its own uts namespace", property);
  if (name.size() > kMaxHostname) return fail("{}: longer than {} bytes", property, kMaxHostname);
  if (has_nul(name)) return fail("{}: holds a NUL byte", property);
  return {};
}

}  // namespace

Result<void> validate(const Spec& spec) {
  TRY_VOID(check_version(spec.oci_version));
  if (spec.root.path.empty()) return fail("root.path: empty");
  if (has_nul(spec.root.path)) return fail("root.path: holds a NUL byte");
  if (spec.process) TRY_VOID(validate_process(*spec.process));
  TRY_VOID(check_mounts(spec.mounts, spec.linux_config));
  TRY_VOID(check_all_hooks(spec.hooks));
  TRY_VOID(check_name("hostname", spec.hostname, spec.linux_config));
  TRY_VOID(check_name("domainname", spec.domainname, spec.linux_config));
  return validate_linux(spec);
}

}  // namespace mycontainer::runtime::oci
