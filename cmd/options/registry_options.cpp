#include "cmd/options/registry_options.h"

#include "cmd/options/paths.h"

namespace mycontainer::cmd::options {

Result<void> set_tls_verify(RegistryOptions& options, std::string_view value) {
  TRY(options.transport.tls_verify, parse_bool(value));
  return {};
}

Result<void> set_certificate_directory(RegistryOptions& options, std::string_view value) {
  if (value.empty()) return fail("empty directory name");
  TRY(options.transport.certificate_directory, absolute_path(value));
  return {};
}

Result<void> set_authfile(RegistryOptions& options, std::string_view value) {
  if (value.empty()) return fail("empty file name");
  TRY(options.authfile, absolute_path(value));
  return {};
}

}  // namespace mycontainer::cmd::options
