#include "runtime/network/host.h"

#include "reexec/sys/linger.h"

namespace mycontainer::runtime::network {

namespace {

constexpr std::chrono::milliseconds kGracePeriod{50};

}  // namespace

Result<Host> Host::open(const Places& places) {
  TRY(Links links, Links::open());
  return Host(places, std::move(links));
}

Host::~Host() {
  if (took_away_ && firewall_ && firewall_->fd() >= 0)
    reexec::sys::linger(firewall_->fd(), kGracePeriod);
}

Result<Firewall*> Host::firewall() {
  if (!firewall_) {
    TRY(Firewall opened, Firewall::open(places_));
    firewall_.emplace(std::move(opened));
  }
  return &*firewall_;
}

Result<void> Host::publish(const std::vector<PublishedPort>& ports) {
  if (ports.empty()) return {};
  TRY(Firewall* const rules, firewall());
  return rules->publish(ports);
}

Result<void> Host::withdraw(const std::vector<PublishedPort>& ports) {
  if (ports.empty()) return {};
  TRY(Firewall* const rules, firewall());
  took_away_ = true;
  return rules->withdraw(ports);
}

}  // namespace mycontainer::runtime::network
