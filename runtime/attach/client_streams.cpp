#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "runtime/attach/client_loop.h"

namespace mycontainer::runtime::attach {
namespace {

constexpr int kBrokenPipe = 128 + SIGPIPE;
constexpr int kHungUp = 128 + SIGHUP;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

Result<void> ClientLoop::receive() {
  while (unwritten_.empty() && !end_) {
    const ssize_t got = ::recv(socket_.get(), packet_.get(), kLongestPacket, MSG_DONTWAIT);
    // ECONNRESET comes once, before what is still to be read: the monitor left input unread.
    if (got < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
    if (got < 0 && would_block()) return {};
    if (got < 0) return fail_errno("receive from the container's monitor");
    if (got == 0) {
      end_ = ClientEnd{};  // it died
      return {};
    }
    const std::string_view packet(packet_.get(), static_cast<std::size_t>(got));
    TRY_VOID(take(static_cast<Type>(packet.front()), packet.substr(1)));
  }
  return {};
}

Result<void> ClientLoop::take(Type type, std::string_view body) {
  switch (type) {
    case Type::kAttached:
      return begin();
    case Type::kRefused:
      return Failure(Error{std::string(body), 0, {}, 1});
    case Type::kOutput:
    case Type::kError:
      output_ = &outputs_[type == Type::kError ? 1 : 0];
      unwritten_ = body;
      if (output_->never_blocks()) return write_output();
      return {};
    case Type::kEnded:
      if (const auto ended = read_body<EndedBody>(body)) end_ = ClientEnd{false, ended->exit_code};
      return {};
    default:
      return {};
  }
}

Result<void> ClientLoop::begin() {
  if (!request_.input) return {};
  if (request_.terminal) {
    TRY(auto raw, io::RawMode::start(STDIN_FILENO));
    raw_.emplace(std::move(raw));
  }
  input_.emplace(io::Endpoint::borrow(STDIN_FILENO, O_RDONLY));
  return {};
}

// As much as goes now.
Result<void> ClientLoop::write_output() {
  while (!unwritten_.empty()) {
    const ssize_t put = output_->write(unwritten_.data(), unwritten_.size());
    if (put < 0 && would_block()) return {};
    if (put < 0) {
      const int code = errno;
      const bool is_error = output_ == &outputs_[1];
      return Failure(Error{is_error ? "write the container's standard error"
                                    : "write the container's standard output",
                           code,
                           {},
                           code == EPIPE ? kBrokenPipe : 0});
    }
    unwritten_.remove_prefix(static_cast<std::size_t>(put));
    if (!output_->never_blocks()) return {};
  }
  return {};
}

Result<void> ClientLoop::read_input() {
  if (raw_ && !io::in_foreground(STDIN_FILENO)) stop(SIGTTIN);
  const ssize_t got = input_->read(read_.get(), kMostBytes);
  if (got < 0 && would_block()) return {};
  if (got <= 0) {
    end_input();
    if (raw_) return Failure(Error{"the terminal has hung up", 0, {}, kHungUp});
    return {};
  }
  const bool leaves = keys_.take({read_.get(), static_cast<std::size_t>(got)}, typed_);
  send_pending();
  if (leaves) end_ = ClientEnd{true, std::nullopt};
  return {};
}

void ClientLoop::end_input() {
  input_.reset();
  typed_ += keys_.rest();
  ends_input_ = true;
  send_pending();
}

void ClientLoop::send_pending() {
  const auto send = [this](Type type, std::string_view bytes) {
    const Sent sent = send_packet(socket_.get(), type, bytes);
    if (sent != Sent::kGone) return sent == Sent::kDone;
    // Nobody takes input any more; why is among what is still to be received.
    input_.reset();
    typed_.clear();
    ends_input_ = resizes_ = false;
    return false;
  };
  if (resizes_) {
    const auto size = io::current_size();
    if (size && !send(Type::kResize, bytes_of(SizeBody{size->ws_row, size->ws_col}))) return;
    resizes_ = false;
  }
  while (!typed_.empty()) {
    const std::size_t most = std::min(typed_.size(), kMostBytes);
    if (!send(Type::kInput, std::string_view(typed_).substr(0, most))) return;
    typed_.erase(0, most);
  }
  if (ends_input_ && send(Type::kInputEnd, {})) ends_input_ = false;
}

}  // namespace mycontainer::runtime::attach
