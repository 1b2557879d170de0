// What a child sees of itself, brought back to the test: the typed function kLook.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "reexec/function.h"

namespace mycontainer::reexec::testing {

struct Look {
  int pid = 0, ppid = 0, session = 0, group = 0, umask = 0, death_signal = 0;
  std::string directory{};
  std::map<int, std::string> fds{};                 // number -> /proc/self/fd link
  std::map<std::string, std::string> status{};      // /proc/self/status
  std::map<std::string, std::string> namespaces{};  // /proc/self/ns links
  std::map<int, std::pair<std::uint64_t, std::uint64_t>> limits{};
  std::vector<std::string> environment{};
  std::string oom_score_adj{}, cgroup{}, uid_map{}, gid_map{}, setgroups{}, exe{}, comm{};
  std::string terminal{};  // of descriptor 0 when it is our controlling one
  std::vector<std::string> root_entries{};

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.pid, self.ppid, self.session, self.group, self.umask, self.death_signal,
                    self.directory, self.fds, self.status, self.namespaces, self.limits,
                    self.environment, self.oom_score_adj, self.cgroup, self.uid_map, self.gid_map,
                    self.setgroups, self.exe, self.comm, self.terminal, self.root_entries);
  }
};

Look look_around();
inline constexpr Function<&look_around> kLook{"look"};

// A value of /proc/self/status as a number; hexadecimal for masks.
std::uint64_t mask_of(const Look& look, const std::string& field);

// Where a link of our own /proc/self/ns leads.
std::string own_namespace(const std::string& name);

}  // namespace mycontainer::reexec::testing
