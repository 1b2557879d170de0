// The part of validate() below "linux". Private to runtime/oci.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

Result<void> validate_linux(const Spec& spec);

// A list of id mappings that stands at `path`.
Result<void> check_mappings(const std::string& path, const std::vector<IdMapping>& mappings);

// The container gets its own namespace of this type, new or joined.
bool has_namespace(const Linux& config, std::string_view type);

inline bool contains(const auto& words, std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// The kernel ends a string at its first NUL byte, JSON does not: what we checked and what the
// kernel would see must be the same.
inline bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

inline bool is_absolute(std::string_view path) {
  return !path.empty() && path.front() == '/' && !has_nul(path);
}

}  // namespace mycontainer::runtime::oci
