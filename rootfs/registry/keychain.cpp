#include "rootfs/registry/keychain.h"

#include <cerrno>
#include <cstdlib>

#include "rootfs/registry/auth_file.h"
#include "rootfs/registry/credential_helper.h"
#include "rootfs/registry/user_directories.h"

namespace mycontainer::rootfs::registry {
namespace {

std::string_view host_of(std::string_view repository) {
  return repository.substr(0, repository.find('/'));
}

Result<std::optional<Credentials>> ask(const HelperChoice& choice) {
  TRY(const CredentialHelper helper, CredentialHelper::named(choice.name));
  return helper.get(choice.key);
}

Result<std::optional<Credentials>> find_in(const AuthJson& json, std::string_view repository) {
  TRY(const auto choice, helper_of(json, host_of(repository)));
  if (choice) {
    TRY(auto known, ask(*choice));
    // A helper for one registry stands instead of the file, one for all before it.
    if (known || !choice->for_all) return known;
  }
  return entry_of(json, repository);
}

Failure in_file(const std::string& path, Error error) {
  // Those of reading name the file by themselves.
  if (error.operation.find(path) != std::string::npos) return Failure(std::move(error));
  return within(path, std::move(error));
}

Result<void> hand_to(const HelperChoice& choice, const Credentials& credentials) {
  TRY(const CredentialHelper helper, CredentialHelper::named(choice.name));
  return helper.store(choice.key, credentials);
}

// Whether it had any.
Result<bool> take_from(const HelperChoice& choice) {
  TRY(const CredentialHelper helper, CredentialHelper::named(choice.name));
  TRY(const auto known, helper.get(choice.key));
  if (!known) return false;
  TRY_VOID(helper.erase(choice.key));
  return true;
}

}  // namespace

Result<Keychain> Keychain::open(const std::string& authfile) {
  Keychain keychain;
  const char* variable = std::getenv("REGISTRY_AUTH_FILE");
  const std::string chosen = !authfile.empty() ? authfile : variable != nullptr ? variable : "";
  if (!chosen.empty()) {
    keychain.files_ = {chosen};
    keychain.chosen_ = true;
    return keychain;
  }
  const std::string docker = directory_variable("DOCKER_CONFIG"), home = home_directory();
  const std::string runtime = directory_variable("XDG_RUNTIME_DIR"), config = config_home();
  if (!docker.empty() || !home.empty()) {
    keychain.files_.push_back((docker.empty() ? home + "/.docker" : docker) + "/config.json");
  }
  for (const std::string& directory : {runtime, config}) {
    if (!directory.empty()) keychain.files_.push_back(directory + "/containers/auth.json");
  }
  return keychain;
}

Result<std::optional<Credentials>> Keychain::find(std::string_view repository) const {
  for (const std::string& path : files_) {
    TRY(const auto json, read_auth_file(path));
    if (!json && chosen_) return fail_code(ENOENT, "open {}", path);
    if (!json) continue;
    auto found = find_in(*json, repository);
    if (!found) return in_file(path, std::move(found).error());
    if (*found) return found;
  }
  return std::optional<Credentials>();
}

Result<std::string> Keychain::own_file() const {
  if (!files_.empty() && (chosen_ || files_.front().ends_with("/config.json"))) {
    return files_.front();
  }
  return Failure(Error{"neither HOME nor DOCKER_CONFIG is set", 0,
                       "name a file for the credentials with --authfile FILE", 0});
}

Result<Keychain::Stored> Keychain::store(std::string_view host, const Credentials& credentials) {
  Stored stored;
  TRY(stored.file, own_file());
  const auto put = [&](AuthJson& json) -> Result<bool> {
    auto choice = helper_of(json, host_of(host));
    if (!choice) return in_file(stored.file, std::move(choice).error());
    if (*choice) {
      TRY_VOID(hand_to(**choice, credentials));
      stored.helper = (*choice)->name;
    }
    auto set = set_entry(json, host, *choice ? nullptr : &credentials);
    if (!set) return in_file(stored.file, std::move(set).error());
    return true;
  };
  TRY_VOID(change_auth_file(stored.file, put));
  return stored;
}

Result<bool> Keychain::erase(std::string_view host) {
  TRY(const std::string file, own_file());
  TRY(const auto before, read_auth_file(file));
  if (!before) return false;
  bool erased = false;
  const auto take = [&](AuthJson& json) -> Result<bool> {
    auto choice = helper_of(json, host_of(host));
    if (!choice) return in_file(file, std::move(choice).error());
    if (*choice) {
      TRY(erased, take_from(**choice));
    }
    const bool had_entry = remove_entry(json, host);
    erased = erased || had_entry;
    return had_entry;
  };
  TRY_VOID(change_auth_file(file, take));
  return erased;
}

}  // namespace mycontainer::rootfs::registry
