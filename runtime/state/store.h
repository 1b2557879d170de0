// The containers on this machine, as directories: making, finding, changing and removing them.
//
// Who only reads takes no lock and waits for nobody: record.json is replaced whole by rename(2). Who
// changes a record locks its container, reads it again, and writes it; nobody holds the lock while
// waiting for a container's end.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::state {

// Removes a directory tree that this process may not remove itself because other ids of a user
// namespace own parts of it. Given by the engine, which knows how to enter such a namespace.
using RemoveForeignTree = std::function<Result<void>(const std::string& path)>;

// <data>/containers/<id>, open.
class Container {
 public:
  // A new one, locked, with its name claimed: record.json, config.json, and, when record.overlay,
  // upper and work. An error when the name is another container's ("the container name "x" is already
  // in use by container 0123456789ab"). Undone wholly when any of it fails, and by the
  // destructor unless keep() is called.
  static Result<Container> create(const Roots& roots, const Record& record, const oci::Spec& spec,
                                  RemoveForeignTree remove_foreign);
  // An existing one by its whole id, not locked. "no such container: ID".
  static Result<Container> open(const Roots& roots, const std::string& id);

  Container(Container&&) noexcept = default;
  Container& operator=(Container&&) = delete;
  ~Container();

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const Roots& roots() const { return roots_; }
  [[nodiscard]] std::string directory() const { return container_directory(roots_.data, id_); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::string upper() const { return directory() + "/upper"; }
  [[nodiscard]] std::string work() const { return directory() + "/work"; }

  // Waits for its turn among those who change this container, ten seconds at most; "no such container:
  // ID" when the one before removed it.
  Result<void> lock();
  void unlock();

  [[nodiscard]] Result<Record> read() const;  // of a broken one: an error
  // A foreground container has it in its live directory only, and while it runs: there is no next
  // start.
  [[nodiscard]] Result<oci::Spec> read_spec() const;
  // Only while locked.
  [[nodiscard]] Result<void> write(const Record& record) const;
  [[nodiscard]] Result<void> write_spec(const oci::Spec& spec) const;
  // lock, read, `change`, write, unlock.
  Result<Record> change(const std::function<void(Record&)>& change);

  // It stays, unlocked.
  void keep();
  // Removes all of it: the layer, the name, and the directory last. Only when nothing of it runs.
  Result<void> remove(const RemoveForeignTree& remove_foreign);

 private:
  Container(Roots roots, std::string id, UniqueFd fd)
      : roots_(std::move(roots)), id_(std::move(id)), fd_(std::move(fd)) {}
  Result<void> fill(const Record& record, const oci::Spec& spec);

  Roots roots_;
  std::string id_;
  UniqueFd fd_;
  bool owned_ = false;
  RemoveForeignTree remove_foreign_;
};

// The ids of all containers, in no order; what was never finished being made is left out.
Result<std::vector<std::string>> list_ids(const Roots& roots);

// One entry of a list: `record` has only its id when `broken` says why nothing else is known.
struct Listed {
  Record record;
  std::string broken;
};
// Newest first. Never waits; containers that go away meanwhile are left out.
Result<std::vector<Listed>> list(const Roots& roots);

// The id that a user means: a name, an id, or the beginning of exactly one id, tried in this order.
// "no such container: WORD", "WORD is the beginning of the ids of several containers". A leading "/" (Docker's inspect shows names with it) is dropped.
Result<std::string> find(const Roots& roots, std::string_view word);

// Gives the container another name, atomically; it is locked by the caller.
Result<void> rename(const Container& container, Record& record, const std::string& name,
                    const RemoveForeignTree& remove_foreign);

// The id of the container that has claimed `name`; empty when none has.
std::string owner_of_name(const Roots& roots, const std::string& name);

}  // namespace mycontainer::runtime::state
