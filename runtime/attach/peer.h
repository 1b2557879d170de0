// One attached client, as the monitor sees it: its queue, and what it wants. Monitor side.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "reexec/sys/unique_fd.h"
#include "runtime/attach/packet.h"

namespace mycontainer::runtime::attach {

// A packet that several clients may have in their queues.
struct Queued {
  Type type;
  std::shared_ptr<const std::string> bytes;
};

class Peer {
 public:
  explicit Peer(UniqueFd socket) : socket_(std::move(socket)) {}

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] bool attached() const { return attached_; }
  [[nodiscard]] const AttachBody& wanted() const { return wanted_; }
  void attach(const AttachBody& wanted) { attached_ = true, wanted_ = wanted; }

  // Sends it now or, when the client is behind, when flush() can. `shared` holds the bytes for all
  // clients that are behind; empty until the first of them is met.
  void send(Type type, std::string_view bytes, std::shared_ptr<const std::string>& shared);
  void send(Type type, std::string_view bytes);
  void flush();
  [[nodiscard]] std::size_t queued() const { return queued_bytes_; }
  [[nodiscard]] bool has_queue() const { return !queue_.empty(); }

  // Input that the container has not taken yet; nothing more is read from the client until then.
  std::string input{};
  bool input_ended = false;  // it said so
  bool closes = false;       // as soon as its queue is empty
  bool hung_up = false;      // it takes nothing any more, but what it has sent is still to be read
  bool gone = false;         // to be removed

 private:
  UniqueFd socket_;
  bool attached_ = false;
  AttachBody wanted_{};
  std::deque<Queued> queue_{};
  std::size_t queued_bytes_ = 0;
};

}  // namespace mycontainer::runtime::attach
