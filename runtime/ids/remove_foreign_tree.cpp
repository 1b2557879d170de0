#include "runtime/ids/remove_foreign_tree.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "reexec/command.h"
#include "reexec/sys/file.h"
#include "runtime/ids/id_maps.h"
#include "runtime/launch/id_maps.h"

namespace mycontainer::runtime::ids {

int remove_tree_main(reexec::Invocation& invocation) {
  if (invocation.args.size() != 1) return 1;
  const auto removed = sys::remove_tree_at(AT_FDCWD, invocation.args.front());
  if (removed) return 0;
  (void)invocation.channel.send(1, removed.error().message());
  return 1;
}

Result<void> remove_foreign_tree(const std::string& path) {
  const IdMaps maps = rootless_id_maps();
  auto command = reexec::Command::entry(std::string(kRemoveTreeEntry));
  command.arg(path).clear_env();
  command.attributes().new_namespaces = CLONE_NEWUSER;
  command.attributes().uid_map = launch::id_maps(maps.uids);
  command.attributes().gid_map = launch::id_maps(maps.gids);
  command.attributes().deny_setgroups = maps.gids.size() == 1;
  TRY(reexec::Process child, command.start());
  const reexec::Channel channel = command.take_channel();
  TRY(const auto answer, channel.receive());
  TRY(const reexec::Status status, child.wait());
  if (answer) return fail("{}", answer->bytes);
  if (!status.success()) return fail("remove {}: the helper {}", path, status.describe());
  return {};
}

}  // namespace mycontainer::runtime::ids
