#include "cmd/sign_on.h"

#include "rootfs/image/reference.h"
#include "rootfs/registry/client.h"
#include "rootfs/registry/configuration.h"

namespace mycontainer::cmd {
namespace {

constexpr std::string_view kDocker = "docker.io";

bool is_docker(std::string_view name) {
  return name.empty() || name == "index.docker.io" || name == "registry-1.docker.io";
}

}  // namespace

Result<std::string> registry_of(std::string_view typed) {
  std::string_view name = typed;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!name.starts_with(scheme)) continue;
    name.remove_prefix(scheme.size());
    name = name.substr(0, name.find('/'));
    if (name.empty()) return fail("\"{}\" names no registry", typed);
  }
  while (name.ends_with('/')) name.remove_suffix(1);
  if (is_docker(name)) name = kDocker;
  const auto reference = rootfs::image::parse_reference(std::string(name) + "/x");
  if (reference && reference->domain == name.substr(0, name.find('/'))) return std::string(name);
  return Failure(Error{fmt::format("\"{}\" is not a registry", typed.substr(0, 255)), 0,
                       "it is HOST[:PORT]: with a \".\" or a port, or localhost", 0});
}

std::string display_name(const std::string& registry) {
  return registry == kDocker ? "https://index.docker.io/v1/" : registry;
}

Result<void> sign_on(const std::string& registry, rootfs::registry::Credentials& credentials,
                     const runtime::images::RegistryOptions& options) {
  TRY(const auto configuration, rootfs::registry::Configuration::load(options.transport));
  TRY(const auto reference, rootfs::image::parse_reference(registry + "/x"));
  TRY(auto sources, configuration.sources(reference, /*pull=*/false));
  rootfs::registry::ClientRequest request;
  request.endpoint = std::move(sources.front().endpoint);
  request.credentials = credentials;
  TRY(auto client, rootfs::registry::Client::open(std::move(request)));
  TRY(credentials.identity_token, client.sign_on());
  if (!credentials.identity_token.empty()) credentials.password.clear();
  return {};
}

}  // namespace mycontainer::cmd
