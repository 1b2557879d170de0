// Named volumes: directories that outlive containers. Any process; several at once.
//
//   <data>/volumes/<name>/volume.json   Volume
//   <data>/volumes/<name>/_data         what is mounted
//                          flock(2): shared by who is about to mount it, alone for who fills or
//                          removes it
//   <data>/volumes/.new-*, .old-*       being made and being removed, locked meanwhile: what nobody
//                                       has locked was left by a killed process (sweep)
//
// A volume appears by rename(2), whole, and is moved aside by rename(2) before it is removed. The
// directory above is 0700.
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
  std::map<std::string, std::string> labels = {};
  // The local driver's: "type", "o", "device" (mount(8)): then the volume is that mount, made in the
  // container's own mount namespace, and _data stays empty.
  std::map<std::string, std::string> options = {};
  bool anonymous = false;
  bool needs_copy_up = true;  // nothing was mounted over an image's directory yet
  bool filling = false;       // that has begun, and was not finished
};

// [a-zA-Z0-9][a-zA-Z0-9_.-]+, as Docker has it (at least two characters), at most 255 bytes.
bool is_volume_name(std::string_view name);
// The same, with Docker's words for what is wrong.
Result<void> check_volume_name(std::string_view name);

// Of the local driver: "type", "o" and "device", and what they need of each other.
Result<void> check_options(const std::map<std::string, std::string>& options);

// 64 hexadecimal digits from getrandom(2).
Result<std::string> random_volume_name();

// volume.json; a text that is none is an error. Pure.
std::string to_json(const Volume& volume);
Result<Volume> from_json(std::string_view text);

class VolumeStore {
 public:
  using RemoveForeign = std::function<Result<void>(const std::string&)>;
  // False: there was nothing to fill it from.
  using Fill = std::function<Result<bool>(const std::string& data)>;

  // Makes nothing: the directory comes with the first volume.
  static Result<VolumeStore> open(const std::string& data_root);

  struct Made {
    Volume volume;
    bool fresh = false;  // made by this call
    UniqueFd hold;       // see hold()
  };
  // The one that is there is success when it was made alike (Docker's); another driver or other
  // options: an error. An empty name: an anonymous one, 64 random hexadecimal
  // digits. The hold is taken before the volume
  // can be seen, so that nobody removes it before its user is known.
  [[nodiscard]] Result<Made> create(Volume volume) const;
  // "no such volume: NAME" (ENOENT).
  [[nodiscard]] Result<Volume> find(const std::string& name) const;
  [[nodiscard]] Result<std::vector<Volume>> list() const;  // by name; broken ones are left out
  [[nodiscard]] std::string data(const std::string& name) const;

  // While this is open nobody removes the volume, or fills it. Waits for who does. ENOENT as find().
  [[nodiscard]] Result<UniqueFd> hold(const std::string& name) const;

  // Moves it aside at once, then removes it. `check` is asked first, when nobody holds it any more:
  // an error of it is the answer. What other ids own is left to `remove_foreign`. A broken one can be
  // removed, too.
  [[nodiscard]] Result<void> remove(const std::string& name,
                                    const std::function<Result<void>()>& check,
                                    const RemoveForeign& remove_foreign) const;
  // Locks the volume, and when nothing was copied into it yet and it is empty calls `fill` with its
  // _data and notes that it was done. What a fill that was killed has left is removed first. The
  // caller holds it no more.
  [[nodiscard]] Result<void> copy_up_once(const std::string& name, const Fill& fill,
                                          const RemoveForeign& remove_foreign) const;
  // Removes what killed processes have left.
  void sweep(const RemoveForeign& remove_foreign) const;

 private:
  explicit VolumeStore(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] Result<UniqueFd> lock(const std::string& name, int operation) const;
  [[nodiscard]] Result<Made> make(const Volume& volume) const;

  std::string directory_;
};

}  // namespace mycontainer::rootfs::volume
