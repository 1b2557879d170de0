#include "runtime/attach/peer.h"

#include <utility>

namespace mycontainer::runtime::attach {

bool Peer::wants(Type type) const {
  if (!attached_) return expected_;
  if (type == Type::kOutput) return wanted_.output != 0;
  return type != Type::kError || wanted_.error != 0;
}

void Peer::attach(const AttachBody& wanted, const AttachedBody& answer) {
  attached_ = true;
  wanted_ = wanted;
  std::deque<Queued> kept = std::exchange(queue_, {});
  queued_bytes_ = 0;
  send(Type::kAttached, bytes_of(answer));
  for (Queued& next : kept) {
    if (wants(next.type)) send(next.type, *next.bytes, next.bytes);
  }
}

void Peer::send(Type type, std::string_view bytes, std::shared_ptr<const std::string>& shared) {
  if (hung_up || gone) return;
  if (attached_ && queue_.empty()) {
    const Sent sent = send_packet(fd(), type, bytes);
    if (sent == Sent::kGone) hung_up = true;
    if (sent != Sent::kLater) return;
  }
  if (!shared) shared = std::make_shared<const std::string>(bytes);
  queue_.push_back({type, shared});
  queued_bytes_ += bytes.size();
}

void Peer::send(Type type, std::string_view bytes) {
  std::shared_ptr<const std::string> shared;
  send(type, bytes, shared);
}

void Peer::flush() {
  while (can_flush() && !hung_up) {
    const Queued& next = queue_.front();
    const Sent sent = send_packet(fd(), next.type, *next.bytes);
    if (sent == Sent::kLater) return;
    if (sent == Sent::kGone) hung_up = true;
    queued_bytes_ -= next.bytes->size();
    queue_.pop_front();
  }
  if (!hung_up) return;
  queue_.clear();
  queued_bytes_ = 0;
}

}  // namespace mycontainer::runtime::attach
