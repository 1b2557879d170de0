#include "runtime/network/definition/pools.h"

#include <algorithm>

namespace mycontainer::runtime::network {

namespace {

Result<Address> address_of(std::string_view word, std::string_view what) {
  const auto address = Address::parse(word);
  if (!address) return fail("invalid {} \"{}\": an address is needed", what, word);
  return *address;
}

Result<Subnet> subnet_of(std::string_view word, std::string_view what) {
  const auto subnet = Subnet::parse(word);
  if (!subnet) return fail("invalid {} \"{}\": as in 10.1.2.0/24", what, word);
  return *subnet;
}

Result<void> add_subnet(std::vector<Pool>& pools, const std::string& word) {
  TRY(const Subnet subnet, subnet_of(word, "subnet"));
  for (const Pool& pool : pools) {
    if (pool.subnet.overlaps(subnet)) {
      return fail("the subnets {} and {} overlap", pool.subnet.to_text(), subnet.to_text());
    }
  }
  Pool& pool = pools.emplace_back(Pool{subnet});
  if (subnet.typed() != subnet.base()) pool.gateway = subnet.typed();
  return {};
}

Pool* pool_with(std::vector<Pool>& pools, const Address& address) {
  const auto found =
      std::ranges::find_if(pools, [&](const Pool& pool) { return pool.subnet.contains(address); });
  return found == pools.end() ? nullptr : &*found;
}

Result<void> add_gateways(std::vector<Pool>& pools, const std::vector<std::string>& words) {
  std::vector<const Pool*> given;
  for (const std::string& word : words) {
    TRY(const Address gateway, address_of(word, "gateway"));
    Pool* pool = pool_with(pools, gateway);
    if (pool == nullptr) return fail("no matching subnet for gateway {}", word);
    if (std::ranges::find(given, pool) != given.end()) {
      return fail("cannot configure multiple gateways ({}, {}) for the same subnet ({})", word,
                  pool->gateway->to_text(), pool->subnet.to_text());
    }
    given.push_back(pool);
    pool->gateway = gateway;
  }
  return {};
}

Result<void> add_ranges(std::vector<Pool>& pools, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    TRY(const Subnet range, subnet_of(word, "IP range"));
    Pool* pool = pool_with(pools, range.base());
    if (pool == nullptr || !pool->subnet.contains(range)) {
      return fail("no matching subnet for range {}", word);
    }
    if (pool->range) {
      return fail("cannot configure multiple ranges ({}, {}) on the same subnet ({})", word,
                  pool->range->to_text(), pool->subnet.to_text());
    }
    pool->range = range;
  }
  return {};
}

Result<void> add_reserved(std::vector<Pool>& pools,
                          const std::map<std::string, std::string>& words) {
  for (const auto& [name, word] : words) {
    TRY(const Address address, address_of(word, "aux-address"));
    Pool* pool = pool_with(pools, address);
    if (pool == nullptr) return fail("no matching subnet for aux-address {}", word);
    pool->reserved[name] = address;
  }
  return {};
}

}  // namespace

Result<std::vector<Pool>> pools_of(const PoolWords& words) {
  const bool has_more = !words.gateways.empty() || !words.ranges.empty() || !words.reserved.empty();
  if (words.subnets.empty() && has_more) {
    return fail("every ip-range or gateway must have a corresponding subnet");
  }
  std::vector<Pool> pools;
  for (const std::string& word : words.subnets) TRY_VOID(add_subnet(pools, word));
  TRY_VOID(add_gateways(pools, words.gateways));
  TRY_VOID(add_ranges(pools, words.ranges));
  TRY_VOID(add_reserved(pools, words.reserved));
  return pools;
}

}  // namespace mycontainer::runtime::network
