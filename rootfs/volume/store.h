// Named volumes: directories that outlive containers. Any process; several at once.
//
//   <data>/volumes/<name>/volume.json   Volume
//   <data>/volumes/<name>/_data         what is mounted
//                          flock(2): whoever fills or removes it
//
// A volume appears by rename(2), whole. The directory above is 0700.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::volume {

struct Volume {
  std::string name;
  std::string driver = "local";
  std::int64_t created = 0;  // nanoseconds since 1970
  std::map<std::string, std::string> labels;
  // The local driver's: "type", "o", "device" (mount(8)): then the volume is that mount, made in the
  // container's own mount namespace, and _data stays empty.
  std::map<std::string, std::string> options;
  bool anonymous = false;
  bool needs_copy_up = true;  // nothing was mounted over an image's directory yet
};

// [a-zA-Z0-9][a-zA-Z0-9_.-]+, as Docker has it (at least two characters).
bool is_volume_name(std::string_view name);

class VolumeStore {
 public:
  static Result<VolumeStore> open(const std::string& data_root);

  // The one that is there is success when it was made alike (Docker's); other driver or options: an
  // error. An empty name: 64 random hexadecimal digits.
  Result<Volume> create(Volume volume) const;
  // "no such volume: NAME" (ENOENT).
  [[nodiscard]] Result<Volume> find(const std::string& name) const;
  [[nodiscard]] Result<std::vector<Volume>> list() const;  // by name; broken ones are left out
  [[nodiscard]] std::string data(const std::string& name) const;

  // Who uses it is the caller's to ask first. Moves it aside at once, then removes it.
  Result<void> remove(const std::string& name,
                      const std::function<Result<void>(const std::string&)>& remove_foreign) const;
  // Locks the volume, and when nothing was copied into it yet calls `fill` with its _data and notes
  // that it was done.
  Result<void> copy_up_once(const std::string& name,
                            const std::function<Result<void>(const std::string& data)>& fill) const;

 private:
  explicit VolumeStore(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace mycontainer::rootfs::volume
