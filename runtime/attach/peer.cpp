#include "runtime/attach/peer.h"

namespace mycontainer::runtime::attach {

void Peer::send(Type type, std::string_view bytes, std::shared_ptr<const std::string>& shared) {
  if (hung_up || gone) return;
  if (queue_.empty()) {
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
  while (!queue_.empty() && !hung_up) {
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
