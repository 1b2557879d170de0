// The containers that have something of networks now, by their network.json. Parent side; private to
// runtime/network.
#pragma once

#include <string>
#include <vector>

#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

struct Member {
  std::string container_id, live_directory;
  Attachment attachment;
};

// Of those that live. One that cannot be read is left out.
std::vector<Member> living_members(const Places& places);

// Live directories with a network.json whose container does not live.
std::vector<Member> dead_members(const Places& places);

std::string live_directory_of(const Places& places, const std::string& container_id);

}  // namespace mycontainer::runtime::network
