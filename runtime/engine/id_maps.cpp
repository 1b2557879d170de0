#include "runtime/engine/id_maps.h"

#include <algorithm>
#include <string_view>

namespace mycontainer::runtime::engine {

namespace {

bool is_mapped(std::uint32_t id, const std::vector<oci::IdMapping>& mappings) {
  return std::ranges::any_of(mappings, [id](const oci::IdMapping& mapping) {
    return id >= mapping.container_id && id - mapping.container_id < mapping.size;
  });
}

Result<void> check_id(std::string_view kind, std::uint32_t id,
                      const std::vector<oci::IdMapping>& mappings, const ids::IdMaps& maps) {
  if (mappings.empty() || is_mapped(id, mappings)) return {};
  Error error{fmt::format("{} id {} is not mapped into the container's user namespace", kind, id)};
  error.hint = maps.limitation;
  return Failure(std::move(error));
}

}  // namespace

void drop_unmapped_groups(ResolvedUser& user, const ids::IdMaps& maps) {
  if (maps.gids.empty()) return;
  std::erase_if(user.additional_gids, [&](std::uint32_t gid) {
    const bool asked =
        gid == user.gid || std::ranges::find(user.asked_gids, gid) != user.asked_gids.end();
    return !asked && !is_mapped(gid, maps.gids);
  });
}

Result<void> check_mapped(const ResolvedUser& user, const ids::IdMaps& maps) {
  TRY_VOID(check_id("user", user.uid, maps.uids, maps));
  TRY_VOID(check_id("group", user.gid, maps.gids, maps));
  for (const std::uint32_t group : user.additional_gids) {
    TRY_VOID(check_id("group", group, maps.gids, maps));
  }
  return {};
}

}  // namespace mycontainer::runtime::engine
