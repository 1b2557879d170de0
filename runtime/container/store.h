// The directory of one container below --root, and the list of all. Parent side.
//
//   <root>/<id>/  state.json      the record (record.h)
//                 config.json     the configuration as it was when the container was created
//                 exec.fifo.new   while it is being created
//                 exec.fifo       while it is created: `start` writes a byte into it
//                 failure         what went wrong between the start and the execve, or nothing
//   <root>/.seccomp/              compiled filters
//
// Commands that change something hold the directory's flock(2); those that only read never wait.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/container/record.h"

namespace mycontainer::runtime::container {

inline constexpr const char* kStartFifo = "exec.fifo";
inline constexpr const char* kUnfinishedFifo = "exec.fifo.new";
inline constexpr const char* kFailureFile = "failure";

// Pure: an id is 1 to 255 characters of [A-Za-z0-9_+.-] and does not begin with "." or "-".
Result<void> check_id(const std::string& id);

class StateDirectory {
 public:
  // A new one, locked. An id that is taken is an error, whatever state the container is in.
  static Result<StateDirectory> create(const std::string& root, const std::string& id);
  // An existing one, not locked: "container "x" does not exist" otherwise.
  static Result<StateDirectory> open(const std::string& root, const std::string& id);

  StateDirectory(StateDirectory&&) noexcept = default;
  StateDirectory& operator=(StateDirectory&&) noexcept = default;
  // Removes what create() made unless keep() was called.
  ~StateDirectory();

  // Waits for its turn among the commands that change this container. The directory may have been
  // removed by the one before: then as open().
  Result<void> lock();
  // Without waiting: false when it is another's turn.
  [[nodiscard]] Result<bool> try_lock();
  // lock() was successful: no other command is creating, starting or deleting the container.
  [[nodiscard]] bool locked() const { return locked_; }
  // It stays, and is locked no longer: whoever waits for it may go on.
  void keep() {
    owned_ = false;
    fd_.reset();
  }
  Result<void> remove();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::string path() const { return root_ + "/" + id_; }
  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool has(const char* name) const;

  // Written whole under another name, and renamed.
  Result<void> write(const std::string& name, const std::string& text) const;
  Result<Record> read_record() const;
  // The container's configuration. Errors as of oci::from_json.
  Result<oci::Spec> read_spec() const;

 private:
  StateDirectory(std::string root, std::string id, UniqueFd fd, bool owned)
      : root_(std::move(root)), id_(std::move(id)), fd_(std::move(fd)), owned_(owned) {}

  std::string root_, id_;
  UniqueFd fd_;
  bool owned_ = false, locked_ = false;
};

// The ids below `root`, sorted; a root that does not exist has none.
Result<std::vector<std::string>> list_ids(const std::string& root);

}  // namespace mycontainer::runtime::container
