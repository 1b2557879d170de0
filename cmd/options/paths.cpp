#include "cmd/options/paths.h"

#include <filesystem>
#include <system_error>

namespace mycontainer::cmd::options {

Result<std::string> absolute_path(std::string_view path) {
  if (path.starts_with('/')) return clean_path(path);
  std::error_code status;
  const std::filesystem::path base = std::filesystem::current_path(status);
  if (status) return fail_code(status.value(), "find the working directory for {}", path);
  return clean_path((base / path).native());
}

std::string clean_path(std::string_view path) {
  std::string clean = std::filesystem::path(path).lexically_normal().native();
  if (clean.starts_with("//")) clean.erase(0, 1);
  if (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  return clean;
}

}  // namespace mycontainer::cmd::options
