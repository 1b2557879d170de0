// Where containers are kept. Any process that manages them; not the child.
//
//   <data>/containers/<id>/    record.json   what the container is and what became of it (record.h)
//                              config.json   its OCI configuration
//                              upper, work   the writable layer, and what overlayfs needs beside it
//                              log.json, log.json.1 ...   its output (runtime/log)
//                  flock(2): whoever changes the record or the layer
//   <data>/names/<name>        a symbolic link that says the id: names are unique without a global lock
//   <state>/containers/<id>/   the container's present run; gone when nothing of it runs (live.h)
//   <data>/networks, <state>/networks   runtime/network/definition/places.h
//   <state>/events             what happened since the boot (event_log.h)
//
// <data> lies on a disk and survives a reboot, <state> on a tmpfs and does not.
#pragma once

#include <string>

namespace mycontainer::runtime::state {

struct Roots {
  std::string data;   // --root
  std::string state;  // --state-root
};

inline std::string containers_in(const std::string& root) { return root + "/containers"; }
inline std::string container_directory(const std::string& root, const std::string& id) {
  return root + "/containers/" + id;
}

}  // namespace mycontainer::runtime::state
