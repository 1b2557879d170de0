#include "rootfs/registry/auth_file.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <vector>

#include "reexec/sys/file.h"
#include "reexec/sys/replace_file.h"
#include "rootfs/registry/base64.h"

namespace mycontainer::rootfs::registry {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20;
constexpr int kDeepest = 64;
constexpr std::string_view kDocker = "docker.io", kDockerKey = "https://index.docker.io/v1/";

// Takes everything and keeps nothing but where it went wrong: bounds the depth before anything is
// built, and knows the place, which the parser tells only by throwing.
struct Check {
  using Json = AuthJson;
  std::size_t position = 0;
  int depth = 0;

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool key(std::string&) { return true; }
  bool start_object(std::size_t) { return ++depth <= kDeepest; }
  bool end_object() { return depth-- > 0; }
  bool start_array(std::size_t) { return ++depth <= kDeepest; }
  bool end_array() { return depth-- > 0; }
  template <class Exception>
  bool parse_error(std::size_t at, const std::string&, const Exception&) {
    position = at;
    return false;
  }
};

// A registry by one name, whatever a key of "auths" calls it ("https://quay.io/v2/").
std::string host_of_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!key.starts_with(scheme)) continue;
    key.remove_prefix(scheme.size());
    key = key.substr(0, key.find('/'));
  }
  const bool is_docker = key == "index.docker.io" || key == "registry-1.docker.io";
  return std::string(is_docker ? kDocker : key);
}

const AuthJson* member(const AuthJson& json, std::string_view name) {
  const auto found = json.find(std::string(name));
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> text_in(const AuthJson& json, std::string_view name) {
  const AuthJson* value = member(json, name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return fail("\"{}\" is not a string", name);
  return value->get<std::string>();
}

// A member that is an object; nullptr when there is none.
Result<const AuthJson*> object_in(const AuthJson& json, std::string_view name) {
  const AuthJson* value = member(json, name);
  if (value != nullptr && !value->is_object()) return fail("\"{}\" is not an object", name);
  return value;
}

// "USER:PASSWORD" in base64; some clients end it with zero bytes.
Result<void> decode(const std::string& auth, Credentials& credentials) {
  auto text = from_base64(auth);
  const std::size_t colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return fail("\"auth\" is not USER:PASSWORD in base64");
  while (text->ends_with('\0')) text->pop_back();
  credentials.user = text->substr(0, colon);
  credentials.password = text->substr(colon + 1);
  return {};
}

Result<std::optional<Credentials>> credentials_in(const AuthJson& entry) {
  if (!entry.is_object()) return fail("it is not an object");
  Credentials credentials;
  TRY(credentials.identity_token, text_in(entry, "identitytoken"));
  TRY(credentials.user, text_in(entry, "username"));
  TRY(credentials.password, text_in(entry, "password"));
  TRY(const std::string auth, text_in(entry, "auth"));
  if (!auth.empty()) TRY_VOID(decode(auth, credentials));
  const bool none = credentials.identity_token.empty() && credentials.user.empty();
  return none ? std::nullopt : std::optional(std::move(credentials));
}

// "a/b/c", "a/b", "a"
std::vector<std::string_view> from_exact_to_host(std::string_view repository) {
  std::vector<std::string_view> names;
  for (std::size_t end = repository.size(); end != std::string_view::npos;) {
    names.push_back(repository.substr(0, end));
    end = repository.rfind('/', end - 1);
    if (end == 0) break;
  }
  return names;
}

Result<std::optional<Credentials>> credentials_at(const AuthJson& auths, const std::string& key) {
  auto found = credentials_in(auths.at(key));
  if (!found) return within(fmt::format("the entry of {}", key), std::move(found).error());
  return found;
}

// Where the file is: a link's target is replaced, not the link.
std::string resolved(const std::string& path) {
  std::array<char, PATH_MAX> real{};
  return ::realpath(path.c_str(), real.data()) == nullptr ? path : std::string(real.data());
}

}  // namespace

Result<AuthJson> parse_auth_json(std::string_view text, std::string_view where) {
  Check check;
  if (!AuthJson::sax_parse(text, &check)) {
    const auto end =
        text.begin() + static_cast<std::ptrdiff_t>(std::min(check.position, text.size()));
    if (check.depth > kDeepest) return fail("{}: nested deeper than {} levels", where, kDeepest);
    return fail("{}:{}: not valid JSON", where, 1 + std::count(text.begin(), end, '\n'));
  }
  AuthJson json = AuthJson::parse(text, nullptr, false);
  if (!json.is_object()) return fail("{}: not a JSON object", where);
  return json;
}

Result<std::optional<AuthJson>> read_auth_file(const std::string& path) {
  const auto text = sys::read_file_at(AT_FDCWD, path, kLargest);
  if (!text) {
    const int code = text.error().code;
    if (code == ENOENT || code == ENOTDIR) return std::optional<AuthJson>();
    return Failure(text.error());
  }
  // Empty is what a full disk leaves of other programs' files, and what `touch` makes.
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) return AuthJson::object();
  TRY(AuthJson json, parse_auth_json(*text, path));
  return json;
}

std::string server_key(std::string_view host) {
  return std::string(host == kDocker ? kDockerKey : host);
}

Result<std::optional<HelperChoice>> helper_of(const AuthJson& json, std::string_view host) {
  TRY(const AuthJson* helpers, object_in(json, "credHelpers"));
  if (helpers != nullptr) {
    for (const auto& [key, value] : helpers->items()) {
      if (host_of_key(key) != host) continue;
      if (!value.is_string()) return fail("\"credHelpers\": the entry of {} is not a string", key);
      const auto name = value.get<std::string>();
      if (name.empty()) return std::optional<HelperChoice>();
      return HelperChoice{name, key, false};
    }
  }
  TRY(const std::string store, text_in(json, "credsStore"));
  if (store.empty()) return std::optional<HelperChoice>();
  return HelperChoice{store, server_key(host), true};
}

Result<std::optional<Credentials>> entry_of(const AuthJson& json, std::string_view repository) {
  TRY(const AuthJson* auths, object_in(json, "auths"));
  if (auths == nullptr) return std::optional<Credentials>();
  for (const std::string_view name : from_exact_to_host(repository)) {
    if (auths->contains(std::string(name))) {
      TRY(auto found, credentials_at(*auths, std::string(name)));
      if (found) return found;
    }
    for (const auto& [key, value] : auths->items()) {
      if (key == name || host_of_key(key) != name) continue;
      TRY(auto found, credentials_at(*auths, key));
      if (found) return found;
    }
  }
  return std::optional<Credentials>();
}

Result<void> set_entry(AuthJson& json, std::string_view host, const Credentials* credentials) {
  TRY_VOID(object_in(json, "auths"));
  remove_entry(json, host);
  AuthJson entry = AuthJson::object();
  if (credentials != nullptr) {
    entry["auth"] = to_base64(credentials->user + ":" + credentials->password);
    if (!credentials->identity_token.empty()) entry["identitytoken"] = credentials->identity_token;
  }
  AuthJson& auths = json["auths"];
  if (auths.is_null()) auths = AuthJson::object();
  auths[server_key(host)] = std::move(entry);
  return {};
}

bool remove_entry(AuthJson& json, std::string_view host) {
  const auto auths = json.find("auths");
  if (auths == json.end() || !auths->is_object()) return false;
  std::vector<std::string> keys;
  for (const auto& [key, value] : auths->items()) {
    if (host_of_key(key) == host) keys.push_back(key);
  }
  for (const std::string& key : keys) auths->erase(key);
  return !keys.empty();
}

Result<void> change_auth_file(const std::string& path,
                              const std::function<Result<bool>(AuthJson& json)>& change) {
  const std::string real = resolved(path);
  const std::size_t slash = real.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : real.substr(0, slash + 1);
  TRY_VOID(sys::make_directories(directory, 0700));
  TRY(const UniqueFd parent, sys::open_at(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY));
  // Released with the descriptor. Where the filesystem knows no locks we do as other programs do.
  while (::flock(parent.get(), LOCK_EX) < 0 && errno == EINTR) {
  }
  TRY(auto json, read_auth_file(real));
  if (!json) json = AuthJson::object();
  TRY(const bool changed, change(*json));
  if (!changed) return {};

  const std::string name = real.substr(slash + 1);
  // Somebody else's file of that name may be readable by all, and in a directory like /tmp it stays.
  const std::string temporary = name + ".tmp";
  if (::unlinkat(parent.get(), temporary.c_str(), 0) < 0 && errno != ENOENT) {
    return fail_errno("{}: remove {}", real, temporary);
  }
  // Nothing is thrown over a token of a registry's that is not UTF-8.
  const std::string text = json->dump(1, '\t', false, AuthJson::error_handler_t::replace) + "\n";
  auto written = sys::replace_file_at(parent.get(), name, text, 0600);
  if (!written) return within(real, std::move(written).error());
  return {};
}

}  // namespace mycontainer::rootfs::registry
