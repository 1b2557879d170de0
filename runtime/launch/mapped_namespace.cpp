#include "runtime/launch/mapped_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "reexec/fork_function.h"
#include "reexec/id_maps.h"
#include "reexec/sys/file.h"

namespace mycontainer::runtime::launch {

namespace {

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return fail_errno("make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// The helper: one byte when the namespace stands (its errno, or 0), then waits for the end of the
// other pipe.
int stand_in(const Pipe& ready, Pipe& done) {
  done.write.reset();
  const char code = ::unshare(CLONE_NEWUSER) == 0 ? '\0' : static_cast<char>(errno);
  if (::write(ready.write.get(), &code, 1) != 1) return 1;
  char byte = 0;
  return ::read(done.read.get(), &byte, 1) == 0 ? 0 : 1;
}

Result<void> wait_until_ready(Pipe& ready) {
  ready.write.reset();
  char code = 0;
  if (::read(ready.read.get(), &code, 1) != 1) return fail("the helper process has ended");
  if (code != 0) return fail_code(code, "unshare the user namespace of an id mapping");
  return {};
}

bool same_ids(const MappedNamespaces::Ids& one, const MappedNamespaces::Ids& other) {
  return std::ranges::equal(one, other, [](const auto& a, const auto& b) {
    return init::MappedIds::fields(a) == init::MappedIds::fields(b);
  });
}

std::vector<reexec::IdMap> id_maps(const MappedNamespaces::Ids& ids) {
  std::vector<reexec::IdMap> maps;
  maps.reserve(ids.size());
  for (const init::MappedIds& map : ids) maps.push_back({map.inside, map.outside, map.count});
  return maps;
}

}  // namespace

Result<UniqueFd> mapped_namespace(std::vector<reexec::IdMap> uid_map,
                                  std::vector<reexec::IdMap> gid_map) {
  TRY(Pipe ready, make_pipe());
  TRY(Pipe done, make_pipe());
  TRY(reexec::Process helper, reexec::fork_function([&] { return stand_in(ready, done); }));
  TRY_VOID(wait_until_ready(ready));
  reexec::Attributes wanted;
  wanted.uid_map = std::move(uid_map);
  wanted.gid_map = std::move(gid_map);
  TRY_VOID(reexec::write_id_maps(helper.pid(), wanted));
  return sys::open_at(AT_FDCWD, fmt::format("/proc/{}/ns/user", helper.pid()), O_RDONLY);
}

Result<int> MappedNamespaces::container() {
  if (!container_) {
    TRY(container_, sys::open_at(AT_FDCWD, fmt::format("/proc/{}/ns/user", child_), O_RDONLY));
  }
  return container_.get();
}

Result<int> MappedNamespaces::of(const Ids& uid_map, const Ids& gid_map) {
  if (uid_map.empty()) return container();
  for (const Made& made : made_) {
    if (same_ids(made.uid_map, uid_map) && same_ids(made.gid_map, gid_map)) {
      return made.user_namespace.get();
    }
  }
  TRY(UniqueFd fd, mapped_namespace(id_maps(uid_map), id_maps(gid_map)));
  made_.push_back({uid_map, gid_map, std::move(fd)});
  return made_.back().user_namespace.get();
}

}  // namespace mycontainer::runtime::launch
