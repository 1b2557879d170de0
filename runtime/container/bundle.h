// A bundle: a directory with a configuration and, mostly, the root filesystem. Parent side.
//
// Source: OCI runtime-spec, bundle.md.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::container {

struct Bundle {
  std::string path;         // absolute
  std::string config_text;  // config.json as it is
  oci::Spec spec;           // validated, with relative paths (root, bind sources) made absolute
};

// Errors name the file, or the property by its JSON path. Nothing is created.
Result<Bundle> load_bundle(const std::string& directory);

}  // namespace mycontainer::runtime::container
