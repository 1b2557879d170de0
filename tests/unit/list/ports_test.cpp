#include <gtest/gtest.h>

#include "cmd/list/container_filter.h"
#include "cmd/list/container_row.h"
#include "cmd/list/ports_text.h"

namespace mycontainer::cmd::list {
namespace {

using runtime::lifecycle::ContainerPort;
using runtime::lifecycle::HostPort;
using runtime::network::Protocol;

ContainerPort published(std::uint16_t port, std::uint16_t host,
                        Protocol protocol = Protocol::kTcp) {
  return {port, protocol, {HostPort{"0.0.0.0", host}, HostPort{"::", host}}};
}

TEST(PortsText, NamesBothFamilies) {
  EXPECT_EQ(ports_text({}), "");
  EXPECT_EQ(ports_text({published(80, 8080)}), "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp");
  EXPECT_EQ(ports_text({{53, Protocol::kUdp, {{"127.0.0.1", 5353}}}}), "127.0.0.1:5353->53/udp");
}

TEST(PortsText, CollapsesPortsInARow) {
  EXPECT_EQ(ports_text({{80}, {81}, {82, Protocol::kUdp}, {83}}), "80-81/tcp, 82/udp, 83/tcp");
  EXPECT_EQ(ports_text({published(8000, 8000), published(8001, 8001)}),
            "0.0.0.0:8000-8001->8000-8001/tcp, [::]:8000-8001->8000-8001/tcp");
}

TEST(PortsText, PutsRangesFirst) {
  EXPECT_EQ(ports_text({{80, Protocol::kTcp, {{"0.0.0.0", 8080}}}, {90}}),
            "90/tcp, 0.0.0.0:8080->80/tcp");
}

bool takes(const std::string& word, const Entry& entry) {
  Filters filters;
  EXPECT_TRUE(add_filter(filters, word));
  const auto filter = ContainerFilter::compile({"/nonexistent", "/nonexistent"}, filters);
  EXPECT_TRUE(filter) << word;
  return filter && filter->takes_record(entry) && filter->takes_state(entry);
}

TEST(ContainerFilter, KnowsPublishedPortsByTheHosts) {
  Entry entry;
  entry.status = "running";
  entry.ports = {published(80, 8080)};
  EXPECT_TRUE(takes("publish=8080", entry));
  EXPECT_TRUE(takes("publish=8000-9000/tcp", entry));
  EXPECT_FALSE(takes("publish=8080/udp", entry));
  EXPECT_FALSE(takes("publish=80", entry));
  EXPECT_FALSE(takes("publish=x", entry));
}

TEST(ContainerFilter, KnowsEachOfSeveralNetworks) {
  Entry entry;
  entry.record.network = "web";
  entry.record.networks = {{.network = "web"}, {.network = "db"}};
  EXPECT_TRUE(takes("network=web", entry));
  EXPECT_TRUE(takes("network=db", entry));
  EXPECT_FALSE(takes("network=none", entry));
  EXPECT_EQ(row_document(entry, {})["Networks"], "db,web");
}

}  // namespace
}  // namespace mycontainer::cmd::list
