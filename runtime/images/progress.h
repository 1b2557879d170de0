// How an operation on images tells how far it is. Called from several threads, one call at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace mycontainer::runtime::images {

enum class Phase : std::uint8_t {
  kWaiting,
  kDownloading,
  kRetrying,  // `text` says why
  kVerifying,
  kExtracting,
  kUploading,
  kMounted,  // the registry took the layer from another repository
  kExists,   // here already; or there already
  kDone,
  kLine,  // no layer: a line for the user ("Digest: sha256:...", "Status: ...")
};

struct Progress {
  std::string layer;  // the first twelve digits of its digest
  Phase phase = Phase::kWaiting;
  std::uint64_t current = 0, total = 0;  // bytes
  std::string text = {};
};

// May be empty: nobody listens.
using Report = std::function<void(const Progress&)>;

}  // namespace mycontainer::runtime::images
