// The published ports of a container's present run, for who asks that of a thousand containers: read
// without a tree, where network.json is as to_json() writes it. Any process.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"

namespace mycontainer::runtime::network {

// As read_attachment()'s.
Result<std::vector<PublishedPort>> read_ports(const std::string& live_directory);

// Nothing for a text of any other form, right or wrong, which is for attachment_from_json() to judge.
// Pure.
std::optional<std::vector<PublishedPort>> scan_ports(std::string_view attachment);

}  // namespace mycontainer::runtime::network
