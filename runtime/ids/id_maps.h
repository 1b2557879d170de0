// Which host ids a container's user namespace maps: for an ordinary user (subuid(5) ranges or one
// id) and for `--userns auto`. Parent side.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::ids {

struct IdMaps {
  std::vector<oci::IdMapping> uids, gids;
  // Why only one id is mapped, as a sentence for a hint; empty when there are ranges.
  std::string limitation;
};

struct IdRange {
  std::uint32_t first = 0, count = 0;
};

// The ranges that /etc/subuid's or /etc/subgid's text grants to a user, by name or by number.
// Malformed lines grant nothing.
std::vector<IdRange> subordinate_ranges(std::string_view text, std::string_view user,
                                        std::uint32_t uid);

// Container id 0 is the caller, ids from 1 on are the ranges in their order; never more than 2^32 -
// 1 ids.
std::vector<oci::IdMapping> map_with_ranges(std::uint32_t caller,
                                            const std::vector<IdRange>& ranges);

// The maps an ordinary user can have here: with ranges where the system grants them and
// newuidmap(1) is installed, else the caller's own id.
IdMaps rootless_id_maps();

// 65536 ids of the block that systemd sets aside for containers (524288 to 1879048191, systemd's
// UIDS-GIDS.md), chosen by the container's id.
IdMaps automatic_id_maps(std::string_view container_id);

}  // namespace mycontainer::runtime::ids
