// The images' part of `system df`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/images/catalog.h"
#include "runtime/state/roots.h"

namespace mycontainer::cmd {

struct ImageUsage {
  std::vector<runtime::images::Entry> entries;
  runtime::images::Shares shares;
  std::vector<std::size_t> containers;  // how many are made from each entry
  std::size_t active = 0;               // of how many there is one
  std::uint64_t unused = 0;             // what no container's image needs
};

Result<ImageUsage> image_usage(const runtime::state::Roots& roots);

// A line for each name of each image.
std::string image_usage_table(const ImageUsage& usage);

}  // namespace mycontainer::cmd
