// A registry that misbehaves on demand: for tests of what a client of registries puts up with.
//
//   registry_that_errs LAYOUT FAULT LOG     prints its port, serves until it is killed
//
// Serves the blobs of an OCI layout under any repository name; every tag is the first manifest of its
// index. Each request is a line of LOG: "METHOD HOST/target RANGE AUTHORIZATION
// PROXY-AUTHORIZATION", "-" for what is missing. What FAULT spoils are
// the blobs that are layers (larger than 64 KiB), if nothing else is said:
//
//   none         nothing is wrong
//   drop         hangs up after a part of the blob, as often as parts are left
//   no-range     hangs up once, and begins at the beginning whatever is asked for
//   busy         503 twice, then the answer; for everything
//   later        429 with Retry-After: 1, once; for everything
//   corrupt      another byte
//   longer       a body longer than the descriptor says
//   headers      headers without end
//   circle       a redirect to itself
//   elsewhere    a redirect to the same server by another name (localhost), which asks for no sign-on,
//                while this one wants "Authorization: Basic ..."
//   drip         a byte at a time for the first 2,000
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace {

constexpr std::size_t kLarge = 64U << 10;

std::string layout, fault, log_path;
unsigned short port = 0;
std::mutex mutex;
std::map<std::string, int> seen;  // how often a target was asked for

std::string file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string head(const std::string& status, std::size_t size, const std::string& more = {}) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(size) + "\r\n" + more +
         "\r\n";
}

std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

// One layer, as the fault has it. False: the connection ends.
bool send_layer(int fd, const std::string& request, const std::string& target, std::string bytes,
                int times) {
  const std::string range = header_of(request, "Range");
  std::size_t from = range.empty() ? 0 : std::stoul(range.substr(6));
  const std::size_t size = bytes.size();
  if (fault == "no-range") from = 0;
  if (fault == "corrupt") bytes[size / 2] = static_cast<char>(bytes[size / 2] ^ 1);
  if (fault == "longer") bytes += "more";
  if (fault == "circle") {
    return send_all(fd, head("307 Temporary Redirect", 0, "Location: " + target + "\r\n"));
  }
  if (fault == "elsewhere" && header_of(request, "Host").starts_with("127.")) {
    return send_all(fd,
                    head("307 Temporary Redirect", 0,
                         "Location: http://localhost:" + std::to_string(port) + target + "\r\n"));
  }
  if (fault == "headers") {
    if (!send_all(fd, "HTTP/1.1 200 OK\r\n")) return false;
    while (send_all(fd, "X-More: and more\r\n")) {
    }
    return false;
  }
  const std::string part = bytes.substr(std::min(from, size));
  const std::string status = from > 0 ? "206 Partial Content" : "200 OK";
  const std::string more = from > 0
                               ? "Content-Range: bytes " + std::to_string(from) + "-" +
                                     std::to_string(size - 1) + "/" + std::to_string(size) + "\r\n"
                               : "";
  if (!send_all(fd, head(status, part.size(), more))) return false;
  if (fault == "drop" && part.size() > kLarge) {
    send_all(fd, std::string_view(part).substr(0, kLarge));
    return false;
  }
  if (fault == "no-range" && times == 1) {
    send_all(fd, std::string_view(part).substr(0, kLarge));
    return false;
  }
  std::size_t sent = 0;
  for (; fault == "drip" && sent < std::min<std::size_t>(part.size(), 2000); ++sent) {
    if (!send_all(fd, std::string_view(part).substr(sent, 1))) return false;
  }
  return send_all(fd, std::string_view(part).substr(sent));
}

bool is_hex(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool answer(int fd, const std::string& request) {
  const std::size_t blank = request.find(' ');
  const std::string method = request.substr(0, blank);
  const std::string target = request.substr(blank + 1, request.find(' ', blank + 1) - blank - 1);
  int times = 0;
  {
    const std::lock_guard lock(mutex);
    times = ++seen[target];
    std::ofstream(log_path, std::ios::app)
        << method << " " << header_of(request, "Host") << target << " "
        << (header_of(request, "Range").empty() ? "-" : header_of(request, "Range")) << " "
        << (header_of(request, "Authorization").empty() ? "-" : header_of(request, "Authorization"))
        << " "
        << (header_of(request, "Proxy-Authorization").empty()
                ? "-"
                : header_of(request, "Proxy-Authorization"))
        << "\n";
  }
  if (fault == "busy" && times <= 2) return send_all(fd, head("503 Service Unavailable", 0));
  if (fault == "later" && times == 1) {
    return send_all(fd, head("429 Too Many Requests", 0, "Retry-After: 1\r\n"));
  }
  if (fault == "elsewhere" && header_of(request, "Host").starts_with("127.") &&
      header_of(request, "Authorization").empty()) {
    return send_all(fd, head("401 Unauthorized", 0, "WWW-Authenticate: Basic realm=\"here\"\r\n"));
  }
  std::string hex = target.substr(target.rfind('/') + 1);
  std::string type;
  if (target.find("/manifests/") != std::string::npos) {
    type = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";
    if (!hex.starts_with("sha256:")) {
      const std::string index = file(layout + "/index.json");
      hex = index.substr(index.find("sha256:"), 71);
    }
  }
  if (hex.starts_with("sha256:")) hex.erase(0, 7);
  const std::string bytes = is_hex(hex) ? file(layout + "/blobs/sha256/" + hex) : "";
  if (target == "/v2/") return send_all(fd, head("200 OK", 0));
  if (bytes.empty()) return send_all(fd, head("404 Not Found", 0));
  if (type.empty() && bytes.size() > kLarge && method == "GET") {
    return send_layer(fd, request, target, bytes, times);
  }
  if (!send_all(fd, head("200 OK", bytes.size(), type))) return false;
  return method == "HEAD" || send_all(fd, bytes);
}

void serve(int fd) {
  std::string waiting;
  char buffer[4096];
  while (!waiting.starts_with('\x16')) {  // TLS: none is spoken here
    const std::size_t end = waiting.find("\r\n\r\n");
    if (end != std::string::npos) {
      if (!answer(fd, waiting.substr(0, end + 4))) break;
      waiting.erase(0, end + 4);
      continue;
    }
    const ssize_t count = ::recv(fd, buffer, sizeof buffer, 0);
    if (count <= 0) break;
    waiting.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  layout = argv[1];
  fault = argv[2];
  log_path = argv[3];
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 64) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    return 1;
  }
  port = ntohs(address.sin_port);
  std::printf("%u\n", static_cast<unsigned>(port));
  std::fflush(stdout);
  while (true) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) std::thread(serve, fd).detach();
  }
}
