// What happened to containers since the boot: <state>/events, a JSON line each, appended with one
// write(2) by whoever did it; at 4 MiB it becomes events.1. Any process.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::state {

struct Event {
  Nanoseconds time = 0;
  std::string type = "container";  // Docker's: "container", "image", "volume", "network"
  std::string action;              // "create", "start", "die", "destroy", "exec_create: CMD" ...
  std::string id;                  // the actor's
  std::map<std::string, std::string> attributes;  // "image", "name", "exitCode", labels ...
};

// Never fails for the caller: an event that cannot be written is lost. Several are written together.
void append_event(const Roots& roots, const Event& event);
void append_events(const Roots& roots, std::initializer_list<Event> events);
// The usual attributes (image, name, labels) of a container's event, and `more`.
Event container_event(const Record& record, std::string action,
                      std::map<std::string, std::string> more = {});

// Calls `take` for each event from `since` to `until` in order, oldest first. `until` 0: all that is
// there. With `follow` it then waits for new ones until `take` returns false or the time
// `until` has come.
Result<void> read_events(const Roots& roots, Nanoseconds since, Nanoseconds until, bool follow,
                         const std::function<bool(const Event&)>& take);

}  // namespace mycontainer::runtime::state
