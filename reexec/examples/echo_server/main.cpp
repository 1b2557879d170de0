// A pre-forking TCP echo server: N re-executed workers share one listening socket, which they were
// given as a descriptor; a worker that crashes is reaped and replaced; SIGTERM drains them.
//
//   echo_server [PORT]         serves on 127.0.0.1 until SIGTERM or ctrl-c
//   echo_server --load COUNT   tests itself with COUNT connections
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "reexec/examples/echo_server/load.h"
#include "reexec/examples/echo_server/server.h"
#include "reexec/examples/echo_server/worker.h"

namespace {

using mycontainer::Result;
using mycontainer::UniqueFd;
using mycontainer::reexec::Entry;

constexpr auto kEntries =
    mycontainer::reexec::table(Entry{"echo-worker", echo_server::run_worker, "echo_server"},
                               Entry{"echo-server", echo_server::run_server_entry, "echo_server"},
                               echo_server::kClient.entry("echo_server --load"));

Result<void> serve(std::uint16_t port) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  TRY(UniqueFd listener, echo_server::listen_on_loopback(port));
  TRY(const std::uint16_t taken, echo_server::port_of(listener.get()));
  std::printf("serving on 127.0.0.1:%u\n", static_cast<unsigned>(taken));
  std::fflush(stdout);
  TRY(const echo_server::Tally tally, echo_server::Server(std::move(listener), 4).run());
  std::printf("served %llu connections\n", static_cast<unsigned long long>(tally.served));
  return {};
}

bool parse(std::string_view text, auto& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = mycontainer::reexec::dispatch(argc, argv, kEntries)) return *code;
  std::uint64_t connections = 0;
  if (argc == 3 && std::string_view(argv[1]) == "--load" && parse(argv[2], connections)) {
    return echo_server::run_load(connections);
  }
  std::uint16_t port = 0;
  if (argc > 2 || (argc == 2 && !parse(argv[1], port))) {
    std::fprintf(stderr, "usage: echo_server [PORT | --load COUNT]\n");
    return 2;
  }
  const auto served = serve(port);
  if (!served) std::fprintf(stderr, "echo_server: %s\n", served.error().message().c_str());
  return served ? 0 : 1;
}
