#include "rootfs/registry/credential_helper.h"

#include <sys/mman.h>
#include <unistd.h>

#include "reexec/command.h"
#include "reexec/sys/file.h"
#include "rootfs/registry/auth_file.h"

namespace mycontainer::rootfs::registry {
namespace {

constexpr std::size_t kLongestAnswer = std::size_t{64} << 10, kLongestReason = 200;
constexpr std::string_view kUnknown = "credentials not found";
constexpr const char* kTokenUser = "<token>";  // the secret is an identity token

// Its first line, for a message.
std::string reason_in(const std::string& output) {
  std::string line = output.substr(0, output.find('\n')).substr(0, kLongestReason);
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  return line;
}

Result<std::string> text_of(const AuthJson& answer, const char* name) {
  const auto value = answer.find(name);
  if (value == answer.end() || !value->is_string()) return fail("its answer has no \"{}\"", name);
  return value->get<std::string>();
}

Result<Credentials> credentials_in(const std::string& output) {
  TRY(const AuthJson answer, parse_auth_json(output, "its answer"));
  TRY(std::string user, text_of(answer, "Username"));
  TRY(std::string secret, text_of(answer, "Secret"));
  if (user == kTokenUser) return Credentials{{}, {}, std::move(secret)};
  return Credentials{std::move(user), std::move(secret), {}};
}

}  // namespace

Result<CredentialHelper> CredentialHelper::named(const std::string& name,
                                                 std::chrono::milliseconds patience) {
  if (name.empty() || name.find('/') != name.npos || name.find('\0') != name.npos) {
    return fail("\"{}\" is not the name of a credential helper", name);
  }
  return CredentialHelper("docker-credential-" + name, patience);
}

// Its output goes to a file in memory: a process that it leaves behind with the descriptor cannot
// make us wait.
Result<std::string> CredentialHelper::call(const char* verb, std::string input) const {
  const UniqueFd answer(::memfd_create("answer", MFD_CLOEXEC));
  if (!answer) return fail_errno("memfd_create");
  reexec::Command command = reexec::Command::program(program_, {verb});
  command.in(reexec::Stdio::bytes(std::move(input))).out(reexec::Stdio::fd(answer.get()));
  auto started = command.start();
  if (!started) {
    Error error = std::move(started).error();
    // Its own words: somebody may ask whether the file of credentials is missing.
    if (error.code == ENOENT) error = {fmt::format("{} is not in PATH", program_), 0, {}, 0};
    error.exit_status = 0;
    error.hint = "the file of credentials names this credential helper (credHelpers, credsStore)";
    return Failure(std::move(error));
  }
  TRY(const auto status, started->wait_for(patience_));
  if (!status) return fail_code(ETIMEDOUT, "{} {}", program_, verb);
  if (::lseek(answer.get(), 0, SEEK_SET) < 0) return fail_errno("lseek");
  TRY(std::string output, sys::read_all(answer.get(), kLongestAnswer));
  if (status->success()) return output;
  const std::string reason = reason_in(output);
  return fail("{} {} {}{}{}", program_, verb, status->describe(), reason.empty() ? "" : ": ",
              reason);
}

Result<std::optional<Credentials>> CredentialHelper::get(const std::string& server) const {
  const auto output = call("get", server);
  if (!output) {
    // Whatever the words around it: this is an answer.
    if (output.error().operation.find(kUnknown) != std::string::npos) {
      return std::optional<Credentials>();
    }
    return Failure(output.error());
  }
  auto found = credentials_in(*output);
  if (!found) return within(program_ + " get", std::move(found).error());
  return *std::move(found);
}

Result<void> CredentialHelper::store(const std::string& server,
                                     const Credentials& credentials) const {
  const bool is_token = !credentials.identity_token.empty();
  const AuthJson object = {
      {"ServerURL", server},
      {"Username", is_token ? kTokenUser : credentials.user},
      {"Secret", is_token ? credentials.identity_token : credentials.password}};
  // What is not UTF-8 cannot be told in JSON; nothing is to be thrown.
  TRY_VOID(call("store", object.dump(-1, ' ', false, AuthJson::error_handler_t::replace)));
  return {};
}

Result<void> CredentialHelper::erase(const std::string& server) const {
  TRY_VOID(call("erase", server));
  return {};
}

}  // namespace mycontainer::rootfs::registry
