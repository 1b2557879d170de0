// The options of every verb that talks to a registry (pull, push, login, manifest, run). Pure.
#pragma once

#include <string_view>

#include "cmd/options/members.h"
#include "runtime/images/pull.h"

namespace mycontainer::cmd::options {

using runtime::images::RegistryOptions;

Result<void> set_tls_verify(RegistryOptions& options, std::string_view value);
Result<void> set_certificate_directory(RegistryOptions& options, std::string_view value);
Result<void> set_authfile(RegistryOptions& options, std::string_view value);

// Rows for the table of a structure with such a member: kTlsVerify<&Typed::registry>.
template <auto Member, Result<void> (*Function)(RegistryOptions&, std::string_view)>
Result<void> set_of_registry(typename OwnerOf<decltype(Member)>::type& target,
                             std::string_view value) {
  return Function(target.*Member, value);
}
template <auto Member, Result<void> (*Function)(RegistryOptions&, std::string_view)>
inline constexpr Apply of_registry =
    apply<typename OwnerOf<decltype(Member)>::type, set_of_registry<Member, Function>>;

template <auto Member>
inline constexpr Option kAuthfile{
    "authfile", 0, "file",
    "Where the registry's credentials stand (default ~/.docker/config.json, then containers' "
    "auth.json)",
    of_registry<Member, set_authfile>};
template <auto Member>
inline constexpr Option kCertDir{
    "cert-dir", 0, "directory",
    "The registry's certificates, instead of those in certs.d: *.crt authorities, *.cert and *.key "
    "ours",
    of_registry<Member, set_certificate_directory>};
template <auto Member>
inline constexpr Option kTlsVerify{
    "tls-verify", 0, "",
    "Talk HTTPS and verify the registry's certificate (default true, but for registries on "
    "localhost and insecure ones of registries.conf)",
    of_registry<Member, set_tls_verify>};

}  // namespace mycontainer::cmd::options
