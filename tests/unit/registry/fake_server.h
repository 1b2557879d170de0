// A server on loopback that answers what a test says, byte for byte.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mycontainer::rootfs::registry {

class FakeServer {
 public:
  struct Answer {
    std::string bytes;
    bool closes = false;
  };
  // Called with a whole request; one at a time.
  using Handler = std::function<Answer(const std::string& request)>;

  explicit FakeServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
      ADD_FAILURE() << "no server";
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int fd : open_) ::close(fd);
    ::close(listener_);
  }

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::size_t connections() {
    const std::lock_guard lock(mutex_);
    return open_.size();
  }

 private:
  void accept_all() {
    while (true) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    std::string waiting;
    while (true) {
      std::string request = next_request(fd, waiting);
      if (request.empty()) break;
      Answer answer;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        answer = handler_(request);
      }
      if (::send(fd, answer.bytes.data(), answer.bytes.size(), MSG_NOSIGNAL) < 0) break;
      if (answer.closes) break;
    }
    ::shutdown(fd, SHUT_RDWR);
  }

  // Empty at the end, and for what is no HTTP (the beginning of a TLS handshake).
  static std::string next_request(int fd, std::string& waiting) {
    while (true) {
      if (waiting.starts_with('\x16')) return {};
      const std::size_t head = waiting.find("\r\n\r\n");
      if (head != std::string::npos) {
        std::size_t size = head + 4;
        const std::size_t at = waiting.find("Content-Length: ");
        if (at < head) size += std::stoul(waiting.substr(at + 16));
        if (waiting.size() >= size) {
          std::string request = waiting.substr(0, size);
          waiting.erase(0, size);
          return request;
        }
      }
      char buffer[4096];
      const ssize_t count = ::recv(fd, buffer, sizeof buffer, 0);
      if (count <= 0) return {};
      waiting.append(buffer, static_cast<std::size_t>(count));
    }
  }

  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

// An answer with a body and the headers given ("Name: value\r\n").
inline FakeServer::Answer answer(const std::string& status, const std::string& body = {},
                                 const std::string& headers = {}) {
  return {"HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
          headers + "\r\n" + body};
}

}  // namespace mycontainer::rootfs::registry
