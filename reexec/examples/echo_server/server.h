// The parent of a pre-forking echo server: keeps its workers alive and drains them at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "reexec/command.h"
#include "reexec/registry.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace echo_server {

// A listening, non-blocking socket on 127.0.0.1; port 0 takes a free one.
mycontainer::Result<mycontainer::UniqueFd> listen_on_loopback(std::uint16_t port);
mycontainer::Result<std::uint16_t> port_of(int listener);

// What became of it all.
struct Tally {
  std::uint64_t served = 0;    // connections, of workers that ended in order
  std::uint64_t replaced = 0;  // workers that crashed
  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.served, self.replaced);
  }
};

class Server {
 public:
  Server(mycontainer::UniqueFd listener, unsigned workers)
      : listener_(std::move(listener)), count_(workers) {}

  // Serves until SIGTERM or SIGINT, which the caller has blocked, or until `stop` is readable; then
  // drains. One loop over the workers' pidfds: no SIGCHLD, no thread.
  mycontainer::Result<Tally> run(int stop = -1);

 private:
  struct Worker {
    mycontainer::reexec::Process process;
    mycontainer::reexec::Channel channel;
  };
  static mycontainer::Result<Worker> start_worker(int listener);
  mycontainer::Result<void> replace_ended();
  void drain();

  mycontainer::UniqueFd listener_;
  unsigned count_;
  std::vector<Worker> workers_;
  Tally tally_;
};

}  // namespace echo_server
