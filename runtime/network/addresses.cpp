#include "runtime/network/addresses.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "reexec/sys/file.h"
#include "runtime/network/claim_files.h"

namespace mycontainer::runtime::network {

namespace {

// Of the last 64 bits: no search goes further than there are claims.
std::uint64_t offset_of(const Subnet& subnet, const Address& address) {
  const auto low = [](const Address& of) {
    const auto bytes = of.bytes();
    std::uint64_t value = 0;
    for (const std::byte byte : bytes.last(std::min<std::size_t>(bytes.size(), 8))) {
      value = value << 8 | std::to_integer<std::uint64_t>(byte);
    }
    return value;
  };
  return low(address) - low(subnet.base());
}

bool may_be_given(const Pool& pool, const Address& address) {
  if (address == pool.subnet.base() || address == pool.gateway) return false;
  if (!address.is_v6() && address == pool.subnet.last()) return false;
  return std::ranges::none_of(pool.reserved,
                              [&](const auto& one) { return one.second == address; });
}

class Search {
 public:
  Search(const Places& places, const Definition& network, std::string container_id)
      : places_(places),
        network_(network),
        container_id_(std::move(container_id)),
        directory_(claims_directory(places, network.id)) {}

  Result<Claim> any(Family family) {
    TRY(Aside aside, make_aside());
    // Between them what killed containers left is removed; and who comes and goes at the same time
    // may hide the only free address from one of them.
    constexpr int kRounds = 3;
    for (int round = 0; round < kRounds; ++round) {
      if (round > 0) sweep_addresses(places_, network_.id);
      for (const Pool& pool : network_.pools) {
        if (pool.subnet.family() != family) continue;
        TRY(const auto found, next_free(pool, aside));
        if (!found) continue;
        write_hint(family, *found);
        return Claim{*found, pool.subnet.length(), pool.gateway};
      }
    }
    return nothing_left(family);
  }

  Result<Claim> exactly(const Address& wanted) {
    const auto pool = std::ranges::find_if(
        network_.pools, [&](const Pool& one) { return one.subnet.contains(wanted); });
    if (pool == network_.pools.end()) return in_no_subnet(wanted);
    if (!may_be_given(*pool, wanted)) {
      return fail("address {} of network {} is not for containers: {}", wanted.to_text(),
                  network_.name, purpose_of(*pool, wanted));
    }
    TRY(Aside aside, make_aside());
    const std::string place = place_of(wanted);
    while (true) {
      TRY(const bool mine, aside.put(place));
      if (mine) return Claim{wanted, pool->subnet.length(), pool->gateway};
      const std::string owner = living_owner(places_, place, container_id_);
      if (owner.empty()) continue;
      constexpr std::size_t kShort = 12;
      return fail("address {} is already in use by container {}", wanted.to_text(),
                  owner.substr(0, kShort));
    }
  }

 private:
  [[nodiscard]] std::string place_of(const Address& address) const {
    return directory_ + "/" + address.to_text();
  }

  Result<Aside> make_aside() {
    auto aside = Aside::make(directory_, container_id_);
    if (aside || aside.error().code != ENOENT) return aside;
    TRY_VOID(sys::make_directories(directory_, 0700));
    return Aside::make(directory_, container_id_);
  }

  // The first that nobody has, from the hint on and then from the beginning.
  Result<std::optional<Address>> next_free(const Pool& pool, Aside& aside) {
    const Subnet& range = pool.range ? *pool.range : pool.subnet;
    const std::uint64_t size = range.size();
    const auto hint = read_hint(range.family());
    const std::uint64_t start = hint && range.contains(*hint) ? offset_of(range, *hint) : 0;
    // Trying is quick where few are taken; where many are, looking once who has which is quicker.
    constexpr std::uint64_t kTries = 32;
    std::uint64_t tried = 0;
    std::optional<std::set<std::string>> taken;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t left = size - start;
      const Address address = range.base().plus(i < left ? start + i : i - left);
      if (!may_be_given(pool, address)) continue;
      if (taken && taken->contains(address.to_text())) continue;
      TRY(const bool mine, aside.put(place_of(address)));
      if (mine) return std::optional(address);
      if (++tried == kTries) taken = all_taken();
    }
    return std::optional<Address>();
  }

  // An empty directory is free: its claim has just been removed, and would soon be missed.
  [[nodiscard]] std::set<std::string> all_taken() const {
    std::set<std::string> taken;
    for (std::string& name : names_in(directory_)) {
      if (name.starts_with(kAside)) continue;
      struct stat status {};
      const std::string path = directory_ + "/" + name;
      if (::rmdir(path.c_str()) < 0 && ::lstat(path.c_str(), &status) == 0) {
        taken.insert(std::move(name));
      }
    }
    return taken;
  }

  [[nodiscard]] std::string hint_file(Family family) const {
    return places_.live_of(network_.id) + (family == Family::kIpv6 ? "/next6" : "/next4");
  }
  // Half written, or by two at once, it is no address, or any one: nothing depends on it.
  [[nodiscard]] std::optional<Address> read_hint(Family family) const {
    const auto text = sys::read_file_at(AT_FDCWD, hint_file(family));
    return text ? Address::parse(*text) : std::nullopt;
  }
  void write_hint(Family family, const Address& taken) const {
    (void)sys::write_file_at(AT_FDCWD, hint_file(family), taken.plus(1).to_text(),
                             O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }

  [[nodiscard]] std::string subnets(Family family) const {
    std::string text;
    for (const Pool& pool : network_.pools) {
      if (pool.subnet.family() != family) continue;
      if (!text.empty()) text += ", ";
      text += (pool.range ? *pool.range : pool.subnet).to_text();
    }
    return text;
  }
  [[nodiscard]] Failure nothing_left(Family family) const {
    const std::string text = subnets(family);
    if (text.empty()) {
      return fail("network {} has no subnet of IPv{}", network_.name,
                  family == Family::kIpv6 ? 6 : 4);
    }
    return fail("no free address is left in network {} ({})", network_.name, text);
  }
  [[nodiscard]] Failure in_no_subnet(const Address& wanted) const {
    const std::string text = subnets(wanted.family());
    if (text.empty()) return nothing_left(wanted.family());
    return fail("address {} is not in a subnet of network {} ({})", wanted.to_text(), network_.name,
                text);
  }
  [[nodiscard]] static std::string purpose_of(const Pool& pool, const Address& address) {
    if (address == pool.gateway) return "it is the gateway";
    if (address == pool.subnet.base()) return "it is that of the subnet itself";
    for (const auto& [name, reserved] : pool.reserved) {
      if (reserved == address) return fmt::format("it is reserved as \"{}\"", name);
    }
    return "it is the broadcast address";
  }

  const Places& places_;
  const Definition& network_;
  std::string container_id_, directory_;
};

}  // namespace

Result<Claim> claim_address(const Places& places, const Definition& network, Family family,
                            const std::string& container_id, std::optional<Address> wanted) {
  Search search(places, network, container_id);
  return wanted ? search.exactly(*wanted) : search.any(family);
}

void release_address(const Places& places, const std::string& network_id, const Address& address,
                     const std::string& container_id) {
  const std::string place = claims_directory(places, network_id) + "/" + address.to_text();
  for (const std::string& claim : names_in(place)) {
    if (owner_of(claim) == container_id) remove_claim(place, claim);
  }
}

void release_all_addresses(const Places& places, const std::string& container_id) {
  for (const std::string& network_id : names_in(places.live())) {
    const std::string directory = claims_directory(places, network_id);
    for (const std::string& name : names_in(directory)) {
      const std::string place = directory + "/" + name;
      for (const std::string& claim : names_in(place)) {
        if (owner_of(claim) == container_id) remove_claim(place, claim);
      }
      // One that was killed between the directory and the file.
      if (name.starts_with(fmt::format("{}{}.", kAside, container_id)))
        (void)::rmdir(place.c_str());
    }
  }
}

std::size_t sweep_addresses(const Places& places, const std::string& network_id) {
  const std::string directory = claims_directory(places, network_id);
  std::size_t freed = 0;
  for (const std::string& name : names_in(directory)) {
    const std::string place = directory + "/" + name;
    if (name.starts_with(kAside)) {
      const std::string claim = name.substr(kAside.size());
      if (!places.is_alive(owner_of(claim))) remove_claim(place, claim);
    } else if (living_owner(places, place, {}).empty()) {
      (void)::rmdir(place.c_str());
      ++freed;
    }
  }
  return freed;
}

Result<std::vector<Claimed>> claimed_addresses(const Places& places,
                                               const std::string& network_id) {
  const std::string directory = claims_directory(places, network_id);
  std::vector<Claimed> claims;
  for (const std::string& name : names_in(directory)) {
    const auto address = Address::parse(name);
    if (!address) continue;
    for (const std::string& claim : names_in(directory + "/" + name)) {
      if (places.is_alive(owner_of(claim))) claims.push_back({*address, owner_of(claim)});
    }
  }
  std::ranges::sort(claims, {}, &Claimed::address);
  return claims;
}

}  // namespace mycontainer::runtime::network
