// What is known of the images that are here, for lists. Takes no lock and waits for nobody. Any
// process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/store.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::images {

struct LayerSize {
  rootfs::content::Digest chain_id;
  std::uint64_t bytes = 0;  // of its files where it is unpacked, else of its blob
};

struct Entry {
  rootfs::image::Image image;
  rootfs::image::Config config;
  state::Nanoseconds created = 0;  // 0: it does not say
  std::vector<LayerSize> layers;   // the lowest first
  std::string broken;              // why nothing but its names is known

  [[nodiscard]] std::uint64_t size() const;
};

Result<Entry> entry_of(const state::Roots& roots, const rootfs::image::ImageStore& store,
                       const rootfs::image::Image& image);

// Newest first. Those that are removed meanwhile are left out.
Result<std::vector<Entry>> catalog(const state::Roots& roots);

// What the layers of several images take together, and what only one of them needs. Pure.
struct Shares {
  std::uint64_t all = 0;               // each layer once
  std::vector<std::uint64_t> uniques;  // of each entry
};
Shares shares_of(const std::vector<Entry>& entries);

}  // namespace mycontainer::runtime::images
