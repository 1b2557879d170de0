#include "runtime/security/seccomp_listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <thread>

#include "runtime/security/credentials.h"
#include "runtime/security/seccomp_compile.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::security {
namespace {

// One message with perhaps one descriptor.
struct Received {
  std::string bytes;
  UniqueFd fd;
};

Received receive(int socket) {
  Received received;
  std::string buffer(4 << 20, '\0');
  iovec data{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<char, 256> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (count > 0) received.bytes = buffer.substr(0, static_cast<std::size_t>(count));
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    received.fd.reset(fd);
  }
  return received;
}

Result<void> send_fd(int socket, int fd) {
  char byte = 'x';
  iovec data{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof(int));
  if (::sendmsg(socket, &message, 0) != 1) return fail_errno("send");
  return {};
}

// A child under `profile` that hands its listener to us and then does `body`.
class BoundChild {
 public:
  BoundChild(const oci::Seccomp& profile, const std::function<int()>& body) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_), 0);
    const std::string program = compile_seccomp(profile).value();
    const unsigned flags = seccomp_flags(profile).value();
    child_ = ::fork();
    if (child_ != 0) return;
    ::alarm(20);
    if (!set_no_new_privs()) ::_exit(101);
    const auto installed = install_seccomp_with_listener(
        program, flags, [&](int listener) { return send_fd(ends_[1], listener); });
    ::_exit(installed ? body() : 102);
  }
  ~BoundChild() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  BoundChild(const BoundChild&) = delete;
  BoundChild& operator=(const BoundChild&) = delete;

  UniqueFd take_listener() { return receive(ends_[0]).fd; }
  int wait() const {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  int ends_[2]{};
  pid_t child_ = -1;
};

// Answers every notification with "go on" until nobody is left to ask; how many there were.
int let_everything_pass(const UniqueFd& listener) {
  int answered = 0;
  while (true) {
    pollfd wait{listener.get(), POLLIN, 0};
    if (::poll(&wait, 1, -1) != 1 || (wait.revents & POLLIN) == 0) return answered;
    seccomp_notif call{};
    if (::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;
    seccomp_notif_resp answer{call.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0) ++answered;
  }
}

oci::Seccomp notifying(std::vector<std::string> names) {
  oci::Seccomp seccomp;
  seccomp.default_action = "SCMP_ACT_ALLOW";
  seccomp.syscalls = {{std::move(names), "SCMP_ACT_NOTIFY", std::nullopt, {}}};
  return seccomp;
}

TEST(SeccompListener, ComesOutOfAProcessWhoseEveryCallIsNotified) {
  oci::Seccomp everything;
  everything.default_action = "SCMP_ACT_NOTIFY";
  everything.flags = {"SECCOMP_FILTER_FLAG_TSYNC"};
  BoundChild child(everything, [] { return ::getppid() > 0 ? 7 : 8; });
  const UniqueFd listener = child.take_listener();
  ASSERT_TRUE(listener);
  EXPECT_GE(let_everything_pass(listener), 2);  // getppid, exit_group
  EXPECT_EQ(child.wait(), 7);
}

TEST(SeccompListener, ComesOutWhereTheCallsThatSendItAreNotified) {
  BoundChild child(notifying({"write", "sendmsg", "close", "futex", "brk", "munmap", "nanosleep",
                              "clock_nanosleep", "madvise", "exit"}),
                   [] { return ::close(-1) == -1 && errno == EBADF ? 0 : 1; });
  const UniqueFd listener = child.take_listener();
  ASSERT_TRUE(listener);
  EXPECT_GE(let_everything_pass(listener), 1);
  EXPECT_EQ(child.wait(), 0);
}

TEST(SeccompListener, MayAnswerInsteadOfTheKernel) {
  BoundChild child(notifying({"mkdir", "mkdirat"}),
                   [] { return ::mkdir("/nonexistent/a/b", 0700) == -1 ? errno : 0; });
  const UniqueFd listener = child.take_listener();
  ASSERT_TRUE(listener);
  seccomp_notif call{};
  ASSERT_EQ(::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &call), 0);
  seccomp_notif_resp answer{call.id, 0, -ENOMEDIUM, 0};
  ASSERT_EQ(::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer), 0);
  EXPECT_EQ(child.wait(), ENOMEDIUM);
}

TEST(SeccompListener, LeavesNoDescriptorSoThatCallsFailWithoutAnAgent) {
  BoundChild child(notifying({"mkdir", "mkdirat"}), [] {
    while (::mkdir("/nonexistent/a/b", 0700) == -1 && errno == ENOENT) {
    }
    return errno;
  });
  child.take_listener().reset();
  EXPECT_EQ(child.wait(), ENOSYS);
}

TEST(SeccompListener, FailsWhenItCannotBeHandedOver) {
  const std::string program = compile_seccomp(notifying({"mkdir"})).value();
  const auto install = [&](const ListenerTaker& take) {
    return install_seccomp_with_listener(program, SECCOMP_FILTER_FLAG_NEW_LISTENER, take);
  };
  const pid_t child = ::fork();
  if (child == 0) {
    if (!set_no_new_privs()) ::_exit(1);
    UniqueFd kept;
    const auto refused = install([&](int listener) -> Result<void> {
      kept.reset(::dup(listener));
      return fail("no way");
    });
    if (refused || refused.error().message() != "no way") ::_exit(2);
    // There is one listener at most, and the second try says so.
    const auto second = install([](int) -> Result<void> { return {}; });
    ::_exit(!second && second.error().code == EBUSY && !second.error().hint.empty() ? 0 : 3);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

class SeccompAgent : public testing::Test {
 protected:
  SeccompAgent() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    EXPECT_EQ(::listen(socket_.get(), 4), 0);
  }
  test::TemporaryDirectory directory_;
  std::string path_ = directory_ / "agent";
  UniqueFd socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

oci::ContainerProcessState state() {
  return {"1.2.0", {"seccompFd"}, 12, "data", {"1.2.0", "box", "creating", 12, "/bundle", {}}};
}

TEST_F(SeccompAgent, GetsTheStateAndTheListenerInOneMessage) {
  UniqueFd any(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  struct stat given {
  }, got{};
  ASSERT_EQ(::fstat(any.get(), &given), 0);
  const auto sent = send_seccomp_listener(path_, std::move(any), state());
  ASSERT_TRUE(sent) << sent.error().message();
  const UniqueFd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const Received message = receive(connection.get());
  EXPECT_EQ(message.bytes, to_json(state()));
  ASSERT_EQ(::fstat(message.fd.get(), &got), 0);
  EXPECT_EQ(got.st_ino, given.st_ino);
  EXPECT_EQ(receive(connection.get()).bytes, "");  // hung up
}

TEST_F(SeccompAgent, GetsAStateLargerThanASocketsBuffer) {
  oci::ContainerProcessState large = state();
  large.state.annotations["large"] = std::string(3 << 20, 'x');
  std::string text;
  bool had_fd = false;
  std::thread agent([&] {
    const UniqueFd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    while (true) {
      const Received more = receive(connection.get());
      if (more.bytes.empty()) return;
      text += more.bytes;
      had_fd |= more.fd.valid();
    }
  });
  const auto sent = send_seccomp_listener(path_, UniqueFd(::dup(0)), large);
  agent.join();
  EXPECT_TRUE(sent);
  EXPECT_EQ(text, to_json(large));
  EXPECT_TRUE(had_fd);
}

TEST_F(SeccompAgent, IsMissedWithItsPath) {
  EXPECT_EQ(send_seccomp_listener(directory_ / "nobody", UniqueFd(), state()).error().message(),
            "connect to the seccomp agent at " + directory_ / "nobody" +
                ": No such file or directory (ENOENT)");
  EXPECT_EQ(send_seccomp_listener("/" + std::string(107, 'x'), UniqueFd(), state()).error().code,
            ENAMETOOLONG);
}

}  // namespace
}  // namespace mycontainer::runtime::security
