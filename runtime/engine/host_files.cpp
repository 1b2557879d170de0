#include "runtime/engine/host_files.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/engine/resolv_conf.h"

namespace mycontainer::runtime::engine {

namespace {

using network::Kind;

constexpr std::string_view kServiceAddress = "127.0.0.11";
constexpr std::string_view kLocalNames =
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::\tip6-localnet\n"
    "ff00::\tip6-mcastprefix\n"
    "ff02::1\tip6-allnodes\n"
    "ff02::2\tip6-allrouters\n";

// A fifo must not make us wait.
std::string host_file(const char* path) {
  const auto file = sys::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK);
  return file ? sys::read_all(file->get()).value_or(std::string()) : std::string();
}

// The full name first: it is the one that `hostname -f` prints.
std::string own_names(const HostFiles& files) {
  if (files.domainname.empty() || files.domainname == "(none)") return files.hostname;
  return fmt::format("{}.{} {}", files.hostname, files.domainname, files.hostname);
}

std::string own_hosts(const HostFiles& files) {
  std::string text(kLocalNames);
  const std::string names = own_names(files);
  for (const network::Address& address : files.addresses) {
    text += fmt::format("{}\t{}\n", address.to_text(), names);
  }
  if (files.addresses.empty()) text += fmt::format("127.0.1.1\t{}\n", names);
  return text;
}

Result<std::string> address_of(const std::string& word, const HostFiles& files) {
  if (word != "host-gateway") return word;
  if (files.gateway) return files.gateway->to_text();
  if (files.kind == Kind::kHost) return std::string("127.0.0.1");
  return fail("--add-host: the container's network has no gateway that host-gateway could mean");
}

// A loopback server is the host's own, unless the container has the host's loopback interface.
ResolvConf reachable(ResolvConf conf) {
  std::erase_if(conf.servers, is_loopback_server);
  return conf;
}

ResolvConf of_host(const HostFiles& files, const HostTexts& host) {
  ResolvConf conf = parse_resolv_conf(host.resolv_conf);
  if (files.kind == Kind::kHost) return conf;
  ResolvConf outside = reachable(conf);
  if (outside.servers.empty() && !conf.servers.empty()) {
    outside.servers = reachable(parse_resolv_conf(host.resolved)).servers;
  }
  return outside;
}

bool says_ndots(const std::string& option) { return option.starts_with("ndots:"); }

void point_to_name_service(ResolvConf& conf, const network::NameSettings& names) {
  conf.servers = {std::string(kServiceAddress)};
  if (std::ranges::any_of(names.options, says_ndots)) return;
  std::erase_if(conf.options, says_ndots);
  conf.options.emplace_back("ndots:0");
}

}  // namespace

HostTexts host_texts() {
  return {host_file("/etc/hosts"), host_file("/etc/resolv.conf"),
          host_file("/run/systemd/resolve/resolv.conf")};
}

Result<std::string> hosts_text(const HostFiles& files, const HostTexts& host) {
  const bool shared = files.kind == Kind::kHost && !host.hosts.empty();
  std::string text = shared ? host.hosts : own_hosts(files);
  if (!text.ends_with('\n')) text += '\n';
  for (const std::string& entry : files.names.hosts) {
    const auto colon = entry.find(':');
    if (colon == entry.npos) return fail("--add-host: {} has no address", entry);
    TRY(const std::string address, address_of(entry.substr(colon + 1), files));
    text += fmt::format("{}\t{}\n", address, entry.substr(0, colon));
  }
  return text;
}

std::string hostname_text(std::string_view hostname) { return std::string(hostname) + "\n"; }

std::string resolv_conf_text(const HostFiles& files, const HostTexts& host) {
  const network::NameSettings& names = files.names;
  const bool asked = !names.servers.empty() || !names.search.empty() || !names.options.empty();
  if (files.kind == Kind::kHost && !asked) return host.resolv_conf;
  ResolvConf conf = of_host(files, host);
  if (conf.servers.empty() && files.forwarder) conf.servers = {files.forwarder->to_text()};
  if (!names.servers.empty()) conf.servers = names.servers;
  if (!names.search.empty()) conf.search = names.search;
  if (std::ranges::find(names.search, ".") != names.search.end()) conf.search.clear();
  if (!names.options.empty()) conf.options = names.options;
  if (files.name_service) point_to_name_service(conf, names);
  return to_text(conf);
}

std::string loopback_server(const network::NameSettings& names, const HostTexts& host) {
  if (!names.servers.empty() || !of_host({}, host).servers.empty()) return {};
  const ResolvConf conf = parse_resolv_conf(host.resolv_conf);
  return conf.servers.empty() ? std::string() : conf.servers.front();
}

std::vector<std::string> name_servers(const network::NameSettings& names, const HostTexts& host) {
  if (!names.servers.empty()) return names.servers;
  return parse_resolv_conf(host.resolv_conf).servers;
}

}  // namespace mycontainer::runtime::engine
