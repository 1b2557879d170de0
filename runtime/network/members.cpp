#include "runtime/network/members.h"

#include <dirent.h>

#include <memory>

namespace mycontainer::runtime::network {

namespace {

std::vector<Member> members(const Places& places, bool alive) {
  std::vector<Member> found;
  const std::string containers = places.state + "/containers";
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(containers.c_str()), ::closedir);
  if (!stream) return found;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] == '.') continue;
    Member member{entry->d_name, live_directory_of(places, entry->d_name), {}};
    auto attachment = read_attachment(member.live_directory);
    if (!attachment || attachment->endpoints.empty() || !attachment->provider.empty()) continue;
    if (places.is_alive(member.container_id) != alive) continue;
    member.attachment = std::move(*attachment);
    found.push_back(std::move(member));
  }
  return found;
}

}  // namespace

std::vector<Member> living_members(const Places& places) { return members(places, true); }

std::vector<Member> dead_members(const Places& places) { return members(places, false); }

std::string live_directory_of(const Places& places, const std::string& container_id) {
  return places.state + "/containers/" + container_id;
}

}  // namespace mycontainer::runtime::network
