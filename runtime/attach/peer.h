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
  // `expected`: it is known to attach, so what comes before it does is kept for it.
  explicit Peer(UniqueFd socket, bool expected) : socket_(std::move(socket)), expected_(expected) {}

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] bool attached() const { return attached_; }
  // It will be told the end.
  [[nodiscard]] bool is_client() const { return (attached_ || expected_) && !gone; }
  [[nodiscard]] const AttachBody& wanted() const { return wanted_; }
  // Whether output of this type is for it, as far as is known.
  [[nodiscard]] bool wants(Type type) const;
  // Sends `answer`, then what was kept and is wanted.
  void attach(const AttachBody& wanted, const AttachedBody& answer);

  // Sends it now or, when the client is behind, when flush() can. `shared` holds the bytes for all
  // clients that are behind; empty until the first of them is met.
  void send(Type type, std::string_view bytes, std::shared_ptr<const std::string>& shared);
  void send(Type type, std::string_view bytes);
  void flush();
  [[nodiscard]] std::size_t queued() const { return queued_bytes_; }
  [[nodiscard]] bool has_queue() const { return !queue_.empty(); }
  // There is something that the socket could take now.
  [[nodiscard]] bool can_flush() const { return attached_ && !queue_.empty(); }

  // Input that the container has not taken yet; nothing more is read from the client until then.
  std::string input{};
  bool input_ended = false;  // it said so
  bool closes = false;       // as soon as its queue is empty
  bool hung_up = false;      // it takes nothing any more, but what it has sent is still to be read
  bool gone = false;         // to be removed

 private:
  UniqueFd socket_;
  bool expected_ = false, attached_ = false;
  AttachBody wanted_{};
  std::deque<Queued> queue_{};
  std::size_t queued_bytes_ = 0;
};

}  // namespace mycontainer::runtime::attach
