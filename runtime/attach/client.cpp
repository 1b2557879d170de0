#include "runtime/attach/client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "reexec/sys/file.h"
#include "runtime/attach/client_loop.h"
#include "runtime/attach/listener.h"

namespace mycontainer::runtime::attach {

Result<void> check_streams(const ClientRequest& request) {
  if (request.terminal && request.input && ::isatty(STDIN_FILENO) != 1) {
    return Failure(
        Error{"the input device is not a TTY", 0, "use -i without -t for a pipe or a file", 1});
  }
  return {};
}

Result<UniqueFd> connect(const std::string& directory) {
  TRY(const auto opened, sys::open_at(AT_FDCWD, directory, O_PATH | O_DIRECTORY));
  return connect_in(opened.get());
}

void say_hello(int socket, const ClientRequest& request) {
  AttachBody body{request.input, request.output, request.error};
  const auto size = request.terminal ? io::current_size() : std::nullopt;
  if (size) body.rows = size->ws_row, body.columns = size->ws_col;
  // The first packet on a socket has room. A monitor that has refused us already is heard later.
  static_cast<void>(send_packet(socket, Type::kAttach, bytes_of(body)));
}

Result<ClientEnd> run(UniqueFd socket, const ClientRequest& request, io::SignalQueue signals) {
  return ClientLoop(std::move(socket), request, std::move(signals)).run();
}

ClientLoop::ClientLoop(UniqueFd socket, const ClientRequest& request, io::SignalQueue signals)
    : socket_(std::move(socket)),
      request_(request),
      signals_(std::move(signals)),
      keys_(request.terminal ? request.detach_keys : std::string()),
      outputs_{io::Endpoint::borrow(STDOUT_FILENO, O_WRONLY),
               io::Endpoint::borrow(STDERR_FILENO, O_WRONLY)} {}

Result<ClientEnd> ClientLoop::run() {
  while (!end_) TRY_VOID(wait_once());
  return *end_;
}

Result<void> ClientLoop::wait_once() {
  const bool receives = unwritten_.empty();
  const bool reads = input_ && typed_.size() < kMostBytes;
  const int events = (receives ? POLLIN : 0) | (has_to_send() ? POLLOUT : 0);
  // A negative descriptor is one that poll(2) passes over.
  pollfd waiting[] = {{signals_.fd(), POLLIN, 0},
                      {events != 0 ? socket_.get() : -1, static_cast<short>(events), 0},
                      {reads ? input_->fd() : -1, POLLIN, 0},
                      {receives ? -1 : output_->fd(), POLLOUT, 0}};
  if (::poll(waiting, 4, -1) < 0) {
    if (errno == EINTR) return {};
    return fail_errno("wait for the container");
  }
  if (waiting[0].revents != 0) TRY_VOID(take_signals());
  if (waiting[3].revents != 0) TRY_VOID(write_output());
  if (has_to_send() && waiting[1].revents != 0) send_pending();
  if (waiting[2].revents != 0 && !end_) TRY_VOID(read_input());
  if (receives && waiting[1].revents != 0 && !end_) TRY_VOID(receive());
  return {};
}

}  // namespace mycontainer::runtime::attach
