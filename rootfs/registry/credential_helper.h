// Programs that keep passwords for us, docker-credential-NAME in PATH: the protocol of
// docker-credential-helpers. Any process; starts one.
//
//   docker-credential-NAME get    a server on its input; {"ServerURL", "Username", "Secret"} comes back
//   docker-credential-NAME store  the same object on its input
//   docker-credential-NAME erase  a server on its input
//
// A failure is an exit status, with the reason on its output.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/registry/keychain.h"

namespace mycontainer::rootfs::registry {

class CredentialHelper {
 public:
  // It may ask the user for a passphrase; for ever is too long nevertheless.
  static constexpr std::chrono::milliseconds kPatience{120'000};

  // A name with a "/" is refused: it would be a path.
  static Result<CredentialHelper> named(const std::string& name,
                                        std::chrono::milliseconds patience = kPatience);

  // Nothing when it knows no such server.
  [[nodiscard]] Result<std::optional<Credentials>> get(const std::string& server) const;
  Result<void> store(const std::string& server, const Credentials& credentials) const;
  Result<void> erase(const std::string& server) const;

  [[nodiscard]] const std::string& program() const { return program_; }

 private:
  CredentialHelper(std::string program, std::chrono::milliseconds patience)
      : program_(std::move(program)), patience_(patience) {}
  Result<std::string> call(const char* verb, std::string input) const;

  std::string program_;
  std::chrono::milliseconds patience_;
};

}  // namespace mycontainer::rootfs::registry
