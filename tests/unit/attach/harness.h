// A monitor in miniature around a Server, and somebody who talks to it.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>

#include "reexec/sys/unique_fd.h"
#include "runtime/attach/packet.h"
#include "runtime/attach/server.h"

namespace mycontainer::runtime::attach::testing {

// Below /tmp, in folders of the name `within` if it is given; removed at the end.
class Directory {
 public:
  explicit Directory(const std::string& within = "");
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string top_, path_;
  UniqueFd fd_;
};

class Monitor {
 public:
  explicit Monitor(bool terminal = false);
  explicit Monitor(const Directory& directory, bool terminal = false);
  Server& server() { return *server_; }
  // One round of its loop: waits for at most `patience` milliseconds.
  void turn(int patience = 0);
  // Killed: its sockets are closed.
  void die() { server_.reset(); }
  [[nodiscard]] bool alive() const { return server_ != nullptr; }
  // How many descriptors poll(2) calls ready.
  int ready();

  std::string input, ends, sizes;  // what its callbacks were given
  std::size_t room = 1 << 20;      // bytes its input takes

 private:
  void listen(int directory, bool terminal);
  std::unique_ptr<Server> server_;
};

class Talker {
 public:
  // Over a socket pair; `says` kAttach for all streams before the monitor has the other end.
  explicit Talker(Monitor& monitor, bool says = false);
  explicit Talker(UniqueFd socket) : socket_(std::move(socket)) {}

  void say_raw(std::string_view packet) const;
  void say(Type type, std::string_view bytes) const;
  void say_attach(const AttachBody& wanted = {1, 1, 1}) const;
  // Says it and lets the monitor hear it.
  void attach(const AttachBody& wanted = {1, 1, 1});
  // The next packet in words: "attached", "refused WHY", "output X", "error X", "ended N", "closed"; ""
  // when there is none yet.
  std::string next();
  // Waits for one.
  std::string await();
  // Reads all there is; what it was, below.
  void drain();
  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] bool has_ended() const { return ended_; }
  [[nodiscard]] bool is_closed() const { return closed_; }

 private:
  UniqueFd socket_;
  Monitor* monitor_ = nullptr;
  std::string output_;
  bool ended_ = false, closed_ = false;
};

}  // namespace mycontainer::runtime::attach::testing
