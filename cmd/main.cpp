#include <span>

#include "cmd/build_info.h"
#include "cmd/oci/program.h"
#include "cmd/program.h"
#include "reexec/registry.h"
#include "rootfs/layer/durability.h"
#include "rootfs/layer/unpack_layer.h"
#include "runtime/engine/monitor_protocol.h"
#include "runtime/files/entry.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/init/entry.h"
#include "runtime/io/streams.h"
#include "runtime/monitor/entry.h"
#include "runtime/monitor/health_probe.h"
#include "runtime/network/dns/service.h"

namespace {

// What a copy of this program becomes when another copy starts it; never shown to users.
constexpr auto kEntries = mycontainer::reexec::table(
    mycontainer::reexec::Entry{mycontainer::runtime::init::kInitEntry,
                               mycontainer::runtime::init::run_init, "mycontainer run"},
    mycontainer::reexec::Entry{mycontainer::runtime::engine::kMonitorEntry,
                               mycontainer::runtime::monitor::run_monitor, "mycontainer start"},
    mycontainer::reexec::Entry{mycontainer::runtime::ids::kRemoveTreeEntry,
                               mycontainer::runtime::ids::remove_tree_main, "mycontainer run"},
    mycontainer::reexec::Entry{mycontainer::rootfs::layer::kUnpackLayerEntry,
                               mycontainer::rootfs::layer::unpack_layer_main, "mycontainer pull"},
    mycontainer::reexec::Entry{mycontainer::rootfs::layer::kSyncLayersEntry,
                               mycontainer::rootfs::layer::sync_layers_main, "mycontainer pull"},
    mycontainer::reexec::Entry{mycontainer::runtime::files::kFilesEntry,
                               mycontainer::runtime::files::files_main, "mycontainer cp"},
    mycontainer::reexec::Entry{mycontainer::runtime::monitor::kHealthEntry,
                               mycontainer::runtime::monitor::run_health_probe,
                               "mycontainer run --health-cmd"},
    mycontainer::reexec::Entry{mycontainer::runtime::network::kNameServiceEntry,
                               mycontainer::runtime::network::run_name_service,
                               "mycontainer run --network"});

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = mycontainer::reexec::dispatch(argc, argv, kEntries)) return *code;
  // Before anything else is opened: a closed 0, 1 or 2 must not become some file of ours.
  if (!mycontainer::runtime::io::hold_standard_streams()) return 125;
  const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
  if (mycontainer::cmd::oci::is_oci_program(words)) {
    return mycontainer::cmd::oci::run_program(
        words.subspan(1), {mycontainer::cmd::kVersion, mycontainer::cmd::kCommit});
  }
  return mycontainer::cmd::run_program(words.subspan(words.empty() ? 0 : 1));
}
