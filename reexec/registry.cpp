#include "reexec/registry.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "reexec/sys/file.h"

namespace mycontainer::reexec {

namespace {

std::string_view basename_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_seqpacket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

// The channel on descriptor 3, or nothing when what stands there is not ours.
std::optional<Channel> inherited_channel(std::string_view name) {
  if (!is_seqpacket(kChannelFd)) return std::nullopt;
  // A stranger's socket may be silent: the greeting is there already or never comes.
  char byte = 0;
  if (::recv(kChannelFd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) return std::nullopt;
  if (::fcntl(kChannelFd, F_SETFD, FD_CLOEXEC) < 0) return std::nullopt;
  Channel channel{UniqueFd(kChannelFd)};
  auto hello = channel.receive();
  if (!hello || !*hello || (*hello)->type != kHelloType || (*hello)->bytes != hello_message(name)) {
    return std::nullopt;
  }
  return channel;
}

int refuse(std::string_view name, std::string_view reason) {
  const std::string line = fmt::format("{}: {}\n", name, reason);
  (void)sys::write_all(STDERR_FILENO, line);
  return kStartedByHand;
}

int refuse_by_hand(const Entry& entry) {
  if (entry.instead.empty()) return refuse(entry.name, "this command is internal");
  return refuse(entry.name, fmt::format("this command is internal, use \"{}\"", entry.instead));
}

}  // namespace

std::string hello_message(std::string_view name) {
  return "mycontainer-reexec 1 " + std::string(name);
}

Result<void> check_table(std::span<const Entry> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const char* defect = table_defect(entries.first(i + 1));
    // Here and not at compile time: under -fsanitize g++ 12 takes no function's address for
    // constant.
    if (entries[i].run == nullptr) defect = "the entry has no function";
    if (defect != nullptr) {
      return fail_code(EINVAL, "register \"{}\": {}", entries[i].name, defect);
    }
  }
  return {};
}

std::optional<int> dispatch(int argc, char** argv, std::span<const Entry> entries) {
  if (argc < 1 || argv[0] == nullptr) return std::nullopt;
  const std::string_view name = basename_of(argv[0]);
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& one) { return one.name == name; });
  if (entry == entries.end()) return std::nullopt;
  if (auto sound = check_table(entries); !sound) return refuse(name, sound.error().message());
  auto channel = inherited_channel(name);
  if (!channel) return refuse_by_hand(*entry);
  // Started through a descriptor, the kernel would call us by its number.
  ::prctl(PR_SET_NAME, std::string(name.substr(0, 15)).c_str());
  Invocation invocation{name, {argv + 1, static_cast<std::size_t>(argc - 1)}, std::move(*channel)};
  return entry->run(invocation);
}

}  // namespace mycontainer::reexec
