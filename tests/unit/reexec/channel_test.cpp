#include "reexec/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "reexec/sys/file.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

std::pair<Channel, Channel> pair_of_channels() {
  auto ends = Channel::make();
  EXPECT_TRUE(ends);
  return std::move(*ends);
}

TEST(Channel, KeepsMessagesWholeAndInOrder) {
  auto [left, right] = pair_of_channels();
  ASSERT_TRUE(left.send(1, "one"));
  ASSERT_TRUE(left.send(2, ""));
  ASSERT_TRUE(left.send(3, std::string("a\0b", 3)));
  for (const auto& [type, bytes] :
       {std::pair(1u, std::string("one")), {2u, ""}, {3u, std::string("a\0b", 3)}}) {
    const auto message = right.receive();
    ASSERT_TRUE(message && *message);
    EXPECT_EQ((*message)->type, type);
    EXPECT_EQ((*message)->bytes, bytes);
  }
}

TEST(Channel, CarriesLargePayloadsThroughSealedMemory) {
  auto [left, right] = pair_of_channels();
  for (const std::size_t size :
       {Channel::kInlineBytes, Channel::kInlineBytes + 1, std::size_t{8} << 20}) {
    const std::string payload(size, 'p');
    ASSERT_TRUE(left.send(7, payload));
    const auto message = right.receive();
    ASSERT_TRUE(message && *message) << size;
    EXPECT_EQ((*message)->bytes, payload);
    EXPECT_TRUE((*message)->fds.empty());
  }
}

TEST(Channel, RefusesWhatIsTooLargeBeforeSendingAnything) {
  auto [left, right] = pair_of_channels();
  EXPECT_EQ(left.send(1, std::string(Channel::kMaxBytes + 1, 'x')).error().code, EMSGSIZE);
  const std::vector<int> many(Channel::kMaxFds + 1, 0);
  EXPECT_EQ(left.send(1, "", many).error().code, EINVAL);
}

TEST(Channel, PassesDescriptorsCloseOnExec) {
  auto [left, right] = pair_of_channels();
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const std::vector<int> fds(Channel::kMaxFds, null.get());
  for (const std::string& bytes : {std::string("small"), std::string(100000, 'x')}) {
    ASSERT_TRUE(left.send(1, bytes, fds));
    const auto message = right.receive();
    ASSERT_TRUE(message && *message);
    EXPECT_EQ((*message)->bytes, bytes);
    ASSERT_EQ((*message)->fds.size(), Channel::kMaxFds);
    for (const UniqueFd& fd : (*message)->fds) {
      EXPECT_EQ(::fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
      EXPECT_TRUE(same_file(fd.get(), null.get()));
    }
  }
}

TEST(Channel, TellsThatThePeerClosed) {
  auto [left, right] = pair_of_channels();
  ASSERT_TRUE(left.send(1, "last"));
  left.close();
  auto message = right.receive();
  ASSERT_TRUE(message && *message);
  message = right.receive();
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_value());
  // MSG_NOSIGNAL: no SIGPIPE, which would end this test program.
  EXPECT_EQ(right.send(1, "x").error().code, EPIPE);
}

TEST(Channel, GivesThePeersLastWordsAlthoughItLeftOursUnread) {
  auto [left, right] = pair_of_channels();
  ASSERT_TRUE(right.send(1, "never read"));
  ASSERT_TRUE(left.send(2, "last words"));
  left.close();
  const auto message = right.receive();
  ASSERT_TRUE(message && *message);
  EXPECT_EQ((*message)->bytes, "last words");
  const auto end = right.receive();
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->has_value());
}

// What a hostile or broken peer may write.
void send_raw(int socket, std::string_view packet, std::span<const int> fds = {}) {
  iovec part{const_cast<char*>(packet.data()), packet.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, 4096> control{};
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    *head = {CMSG_LEN(fds.size_bytes()), SOL_SOCKET, SCM_RIGHTS};
    std::memcpy(CMSG_DATA(head), fds.data(), fds.size_bytes());
  }
  ASSERT_GE(::sendmsg(socket, &message, MSG_NOSIGNAL), 0);
}

std::string header(std::uint32_t type, std::uint32_t in_memfd, std::uint64_t size) {
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), &type, 4);
  std::memcpy(bytes.data() + 4, &in_memfd, 4);
  std::memcpy(bytes.data() + 8, &size, 8);
  return bytes;
}

TEST(Channel, RefusesMalformedPacketsAndLeaksNoDescriptor) {
  auto [left, right] = pair_of_channels();
  const UniqueFd memory(::memfd_create("unsealed", MFD_CLOEXEC));
  ASSERT_EQ(::ftruncate(memory.get(), 100), 0);
  const std::vector<int> one{memory.get()};
  const std::vector<int> too_many(Channel::kMaxFds + 20, memory.get());
  const int before = open_descriptor_count();
  send_raw(left.fd(), "short", one);
  send_raw(left.fd(), header(1, 0, 99) + "not 99 bytes", one);
  send_raw(left.fd(), header(1, 1, 100), one);                // memory that is not sealed
  send_raw(left.fd(), header(1, 1, ~std::uint64_t{0}), one);  // and absurdly large
  send_raw(left.fd(), header(1, 1, 100));                     // and absent
  send_raw(left.fd(), header(1, 0, 0), too_many);             // control data truncated
  send_raw(left.fd(), header(1, 0, 50000) + std::string(50000, 'x'));
  for (int i = 0; i < 7; ++i) {
    const auto message = right.receive();
    ASSERT_FALSE(message) << i;
    EXPECT_EQ(message.error().code, EBADMSG) << i;
  }
  EXPECT_EQ(open_descriptor_count(), before);
}

TEST(Channel, BlocksUntilAMessageComes) {
  auto [left, right] = pair_of_channels();
  std::thread sender([&end = left] { EXPECT_TRUE(end.send(5, "late")); });
  const auto message = right.receive();
  sender.join();
  ASSERT_TRUE(message && *message);
  EXPECT_EQ((*message)->bytes, "late");
}

}  // namespace
}  // namespace mycontainer::reexec::testing
