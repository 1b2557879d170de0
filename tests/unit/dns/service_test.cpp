// The service as it is started for a container, with a network namespace for the container and one for
// the host; its upstream servers are the test's.
#include "runtime/network/dns/service.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "reexec/sys/file.h"
#include "runtime/network/dns/names.h"
#include "tests/support/in_namespaces.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/dns/queries.h"

namespace mycontainer::runtime::network {
namespace {

using test::packet;
using test::query;
using test::read_answer;
using Records = std::vector<std::string>;

void set_loopback_up() {
  const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  ASSERT_EQ(::ioctl(any.get(), SIOCSIFFLAGS, &request), 0) << errno;
}

sockaddr_in at(const char* address) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(53);
  ::inet_pton(AF_INET, address, &made.sin_addr);
  return made;
}

UniqueFd bound(const char* address, int type) {
  UniqueFd made(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const sockaddr_in own = at(address);
  EXPECT_EQ(::bind(made.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
  if (type == SOCK_STREAM) ::listen(made.get(), 8);
  return made;
}

bool readable(const UniqueFd& socket, int milliseconds) {
  pollfd wanted{socket.get(), POLLIN, 0};
  return ::poll(&wanted, 1, milliseconds) == 1;
}

std::string receive(const UniqueFd& socket, sockaddr_in* from = nullptr, int milliseconds = 5000) {
  std::string bytes(65535, '\0');
  socklen_t size = sizeof *from;
  if (!readable(socket, milliseconds)) return {};
  const ssize_t length =
      ::recvfrom(socket.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(from),
                 from == nullptr ? nullptr : &size);
  bytes.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return bytes;
}

std::string length_of(const std::string& message) {
  return test::words({static_cast<unsigned>(message.size())});
}

// As a name server answers: one address record, whatever was asked.
std::string answer_to(const std::string& asked, const char* address) {
  const auto question = *read_question(packet(asked)).question;
  Answer answer(question, Rcode::kNoError, 512);
  answer.add(*Address::parse(address));
  return std::move(answer).take();
}

void answer_next(const UniqueFd& server, const char* address) {
  sockaddr_in client{};
  const std::string asked = receive(server, &client);
  ASSERT_FALSE(asked.empty()) << "nothing was forwarded";
  const std::string answer = answer_to(asked, address);
  ::sendto(server.get(), answer.data(), answer.size(), 0,
           reinterpret_cast<const sockaddr*>(&client), sizeof client);
}

// Of /proc/PID/status.
std::string status_of(pid_t pid, const std::string& field) {
  const auto text =
      sys::read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/status").value_or("");
  const auto begin = text.find("\n" + field + ":\t");
  if (begin == text.npos) return {};
  const auto from = begin + field.size() + 3;
  return text.substr(from, text.find('\n', from) - from);
}

// The container "me", which is in "net", and its network namespace.
class Container {
 public:
  Container() {
    places_.state = directory_.path();
    endpoint_.network_id = "n1";
    endpoint_.network_name = "net";
    endpoint_.names = {"me"};
    endpoint_.addresses = {{*Address::parse("10.0.0.2"), 24, {}}};
    EXPECT_TRUE(announce(places_, "me", endpoint_));
    set_loopback_up();
    int ready[2];
    EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::unshare(CLONE_NEWNET) == 0) set_loopback_up();
      (void)!::write(ready[1], "x", 1);
      ::pause();
      ::_exit(0);
    }
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Container() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  Result<reexec::Process> start(std::vector<std::string> servers) {
    return start_name_service({places_, "me", pid_, std::move(servers)});
  }
  // A socket inside, connected to the name service.
  UniqueFd ask(int type) const {
    const UniqueFd here(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    const std::string path = "/proc/" + std::to_string(pid_) + "/ns/net";
    const UniqueFd there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(::setns(there.get(), CLONE_NEWNET), 0);
    UniqueFd made(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const sockaddr_in service = at("127.0.0.11");
    EXPECT_EQ(::connect(made.get(), reinterpret_cast<const sockaddr*>(&service), sizeof service), 0)
        << errno;
    EXPECT_EQ(::setns(here.get(), CLONE_NEWNET), 0);
    return made;
  }
  // Asks again, as a resolver does, when the packet was lost.
  std::string ask(const std::string& bytes) const {
    const UniqueFd client = ask(SOCK_DGRAM);
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(::send(client.get(), bytes.data(), bytes.size(), 0),
                static_cast<ssize_t>(bytes.size()));
      if (readable(client, 1000)) return receive(client);
    }
    return {};
  }
  const Places& places() const { return places_; }
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  mycontainer::test::TemporaryDirectory directory_;
  Places places_;
  Endpoint endpoint_;
  pid_t pid_ = -1;
};

void expect_confined(pid_t pid) {
  EXPECT_EQ(status_of(pid, "Uid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(status_of(pid, "Gid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(status_of(pid, "Groups"), " ");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    EXPECT_EQ(status_of(pid, set), "0000000000000000") << set;
  }
  EXPECT_EQ(status_of(pid, "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(pid, "Seccomp"), "2");
  // The three null devices, two sockets, the directory and the lock; and the channel, until it is
  // closed.
  const std::string fds = "/proc/" + std::to_string(pid) + "/fd";
  const auto count = [&] { return std::distance(std::filesystem::directory_iterator(fds), {}); };
  for (int i = 0; i < 100 && count() != 7; ++i) ::usleep(10'000);
  EXPECT_EQ(count(), 7);
}

TEST(NameService, GivesEverythingUpAndAnswersMembers) {
  SKIP_UNLESS_ROOT();
  mycontainer::test::in_namespaces(CLONE_NEWNET, [] {
    Container container;
    const auto service = container.start({});
    ASSERT_TRUE(service) << service.error().message();
    expect_confined(service->pid());
    EXPECT_EQ(read_answer(container.ask(query("Me", ns_t_a))).records, Records{"A 10.0.0.2"});
    // Who joins afterwards is known at once, and gone when he leaves.
    Endpoint web = container.endpoint();
    web.names = {"web"};
    web.addresses = {{*Address::parse("10.0.0.3"), 24, {}}};
    ASSERT_TRUE(announce(container.places(), "c2", web));
    EXPECT_EQ(read_answer(container.ask(query("web", ns_t_a))).records, Records{"A 10.0.0.3"});
    withdraw_names(container.places(), "c2", web);
    EXPECT_EQ(read_answer(container.ask(query("web", ns_t_a))).code, 3U);
    EXPECT_EQ(read_answer(container.ask(query("example.com", ns_t_a))).code, 3U);
  });
}

TEST(NameService, AnswersOverTcpWhatIsTooLongForUdp) {
  SKIP_UNLESS_ROOT();
  mycontainer::test::in_namespaces(CLONE_NEWNET, [] {
    Container container;
    Endpoint many = container.endpoint();
    many.names = {"many"};
    many.addresses.clear();
    for (unsigned i = 0; i < 150; ++i) {
      many.addresses.push_back({Address::parse("10.0.0.0")->plus(i), 24, {}});
    }
    ASSERT_TRUE(announce(container.places(), "c2", many));
    const auto service = container.start({});
    ASSERT_TRUE(service) << service.error().message();
    EXPECT_TRUE(read_answer(container.ask(query("many", ns_t_a))).truncated);
    const UniqueFd client = container.ask(SOCK_STREAM);
    // Two questions at once, in pieces.
    const std::string asked = query("many", ns_t_a), framed = length_of(asked);
    const std::string stream = framed + asked + framed + asked;
    for (const char byte : stream) ASSERT_EQ(::send(client.get(), &byte, 1, 0), 1);
    for (int i = 0; i < 2; ++i) {
      std::string size(2, '\0');
      ASSERT_EQ(::recv(client.get(), size.data(), 2, MSG_WAITALL), 2);
      std::string answer(ns_get16(packet(size).data()), '\0');
      ASSERT_EQ(::recv(client.get(), answer.data(), answer.size(), MSG_WAITALL),
                static_cast<ssize_t>(answer.size()));
      EXPECT_EQ(read_answer(answer).records.size(), 150U);
    }
  });
}

TEST(NameService, PassesQuestionsOnToTheNextServerThatAnswers) {
  SKIP_UNLESS_ROOT();
  mycontainer::test::in_namespaces(CLONE_NEWNET, [] {
    Container container;
    // Nobody listens on the first; the second says nothing.
    const UniqueFd silent = bound("127.0.0.3", SOCK_DGRAM), server = bound("127.0.0.4", SOCK_DGRAM);
    const auto service = container.start({"127.0.0.2", "127.0.0.3", "127.0.0.4"});
    ASSERT_TRUE(service) << service.error().message();
    const UniqueFd client = container.ask(SOCK_DGRAM);
    const std::string asked = query("www.Example.com", ns_t_a);
    ASSERT_GT(::send(client.get(), asked.data(), asked.size(), 0), 0);
    const std::string seen = receive(silent);
    EXPECT_EQ(seen.substr(2), asked.substr(2));
    EXPECT_NE(seen.substr(0, 2), asked.substr(0, 2)) << "the id is the service's own";
    answer_next(server, "192.0.2.7");
    const auto answer = read_answer(receive(client));
    EXPECT_EQ(answer.id, 0x1234U);
    EXPECT_EQ(answer.question, "www.Example.com");
    EXPECT_EQ(answer.records, Records{"A 192.0.2.7"});
  });
}

TEST(NameService, TakesNoAnswerButThatToItsQuestion) {
  SKIP_UNLESS_ROOT();
  mycontainer::test::in_namespaces(CLONE_NEWNET, [] {
    Container container;
    const UniqueFd server = bound("127.0.0.4", SOCK_DGRAM), other = bound("127.0.0.5", SOCK_DGRAM);
    const auto service = container.start({"127.0.0.4"});
    ASSERT_TRUE(service) << service.error().message();
    const UniqueFd client = container.ask(SOCK_DGRAM);
    const std::string asked = query("www.example.com", ns_t_a);
    ASSERT_GT(::send(client.get(), asked.data(), asked.size(), 0), 0);
    sockaddr_in from{};
    const std::string forwarded = receive(server, &from);
    const auto reply = [&](const UniqueFd& socket, const std::string& bytes) {
      ::sendto(socket.get(), bytes.data(), bytes.size(), 0,
               reinterpret_cast<const sockaddr*>(&from), sizeof from);
    };
    std::string wrong_id = answer_to(forwarded, "10.9.9.1");
    wrong_id[0] = static_cast<char>(~wrong_id[0]);
    reply(server, wrong_id);
    std::string wrong_question = forwarded;
    wrong_question[kHeaderSize + 1] = 'x';
    reply(server, answer_to(wrong_question, "10.9.9.2"));
    reply(server, "short");
    reply(other, answer_to(forwarded, "10.9.9.3"));
    reply(server, answer_to(forwarded, "192.0.2.7"));
    EXPECT_EQ(read_answer(receive(client)).records, Records{"A 192.0.2.7"});
    EXPECT_FALSE(readable(client, 100));
  });
}

TEST(NameService, SaysThatItFailedWhenNoServerAnswers) {
  SKIP_UNLESS_ROOT();
  mycontainer::test::in_namespaces(CLONE_NEWNET, [] {
    Container container;
    const auto service = container.start({"127.0.0.2", "nonsense"});
    ASSERT_TRUE(service) << service.error().message();
    EXPECT_EQ(read_answer(container.ask(query("www.example.com", ns_t_a))).code, 2U);
  });
}

TEST(NameService, PassesQuestionsOnOverTcp) {
  SKIP_UNLESS_ROOT();
  mycontainer::test::in_namespaces(CLONE_NEWNET, [] {
    Container container;
    const UniqueFd server = bound("127.0.0.4", SOCK_STREAM);
    const auto service = container.start({"127.0.0.2", "127.0.0.4"});
    ASSERT_TRUE(service) << service.error().message();
    const UniqueFd client = container.ask(SOCK_STREAM);
    const std::string asked = query("www.example.com", ns_t_a);
    const std::string framed = length_of(asked) + asked;
    ASSERT_GT(::send(client.get(), framed.data(), framed.size(), 0), 0);
    ASSERT_TRUE(readable(server, 5000));
    const UniqueFd peer(::accept(server.get(), nullptr, nullptr));
    std::string seen(framed.size(), '\0');
    ASSERT_EQ(::recv(peer.get(), seen.data(), seen.size(), MSG_WAITALL),
              static_cast<ssize_t>(seen.size()));
    EXPECT_EQ(seen, framed);
    const std::string answer = answer_to(asked, "192.0.2.7");
    const std::string reply = length_of(answer) + answer;
    ASSERT_GT(::send(peer.get(), reply.data(), reply.size(), 0), 0);
    std::string got(reply.size(), '\0');
    ASSERT_EQ(::recv(client.get(), got.data(), got.size(), MSG_WAITALL),
              static_cast<ssize_t>(got.size()));
    EXPECT_EQ(got, reply);
  });
}

TEST(NameService, IsStillThereAfterAFlood) {
  SKIP_UNLESS_ROOT();
  mycontainer::test::in_namespaces(CLONE_NEWNET, [] {
    Container container;
    const UniqueFd silent = bound("127.0.0.3", SOCK_DGRAM);
    auto service = container.start({"127.0.0.3"});
    ASSERT_TRUE(service) << service.error().message();
    std::vector<UniqueFd> clients;
    for (int i = 0; i < 120; ++i) clients.push_back(container.ask(SOCK_STREAM));
    const UniqueFd client = container.ask(SOCK_DGRAM);
    const std::string asked = query("www.example.com", ns_t_a);
    for (int i = 0; i < 3000; ++i) {
      const std::string bytes =
          i % 3 == 0 ? asked.substr(0, static_cast<std::size_t>(i) % 30) : asked;
      (void)::send(client.get(), bytes.data(), bytes.size(), 0);
    }
    EXPECT_EQ(read_answer(container.ask(query("me", ns_t_a))).records, Records{"A 10.0.0.2"});
    EXPECT_FALSE(*service->try_wait());
  });
}

}  // namespace
}  // namespace mycontainer::runtime::network
