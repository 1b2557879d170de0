// What is known about layers after the power failed. Any process.
//
// Blobs are synced when they come (content/blob_store.h); layers, thousands of files, are not: the
// kernel writes them out while everything goes on. Until it has, <data>/layers/unsynced stands:
//
//   publish ── notes ──▶ unsynced: "<boot id> <time>" ── sync_in_background: syncfs(2) ──▶ gone
//
// Where it is found in a later boot, the layers made since that time may be half: they are moved
// aside, and unpacked again from their blobs by whoever needs them.
#pragma once

#include <string>
#include <string_view>

#include "reexec/registry.h"
#include "reexec/sys/error.h"

namespace mycontainer::rootfs::layer {

inline constexpr std::string_view kUnsynced = "unsynced";

// Before a layer gets its name. `directory`: <data>/layers.
Result<void> note_unsynced(const std::string& directory);

// A re-executed copy syncs and takes the note away, unless a layer came meanwhile; nobody waits for
// it. It outlives this process, and its end is nobody's loss.
void sync_in_background(const std::string& directory);

// Moves aside what a crash may have spoilt. One access(2) when there is nothing to fear.
Result<void> recover(const std::string& directory);

inline constexpr std::string_view kSyncLayersEntry = "mycontainer-sync-layers";
int sync_layers_main(reexec::Invocation& invocation);

}  // namespace mycontainer::rootfs::layer
