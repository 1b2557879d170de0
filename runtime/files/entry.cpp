#include "runtime/files/entry.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "rootfs/archive/kernel_filesystem.h"
#include "rootfs/archive/tree_reader.h"
#include "rootfs/archive/unpack.h"
#include "rootfs/layer/diff.h"
#include "rootfs/path/open.h"
#include "runtime/files/enter.h"
#include "runtime/files/protocol.h"

namespace mycontainer::runtime::files {

namespace {

namespace archive = rootfs::archive;

// Deep trees cost a descriptor and some stack for each level; a hostile one may not have all.
constexpr rlim_t kMaxDescriptors = 4096;

struct State {
  UniqueFd root;  // the container's
};

// Of the kernel's own filesystems only the place is there where they are mounted.
bool is_hidden(int fd) { return archive::on_kernel_filesystem(fd) && !archive::is_mount_root(fd); }

Result<UniqueFd> open_node(const State& state, const std::string& path, bool follow) {
  TRY(UniqueFd fd,
      rootfs::path::open_in_root(state.root.get(), path, O_PATH | (follow ? 0 : O_NOFOLLOW)));
  if (is_hidden(fd.get())) return fail_code(ENOENT, "open {}", path);
  return fd;
}

Result<std::string> stat_node(const State& state, const StatRequest& request) {
  Node node;
  const auto fd = open_node(state, request.path, request.follow);
  if (!fd && fd.error().code == ENOENT) return reexec::encode(node);
  if (!fd) return Failure(fd.error());
  struct stat status {};
  if (::fstat(fd->get(), &status) < 0) return fail_errno("stat {}", request.path);
  node.exists = true;
  node.mode = status.st_mode;
  if (S_ISLNK(status.st_mode)) {
    TRY(node.link_target, rootfs::path::readlink_fd(fd->get()));
  }
  return reexec::encode(node);
}

Result<std::string> pack(const State& state, const PackRequest& request, int out) {
  TRY(const UniqueFd node, open_node(state, request.path, request.follow));
  TRY(archive::TarWriter writer, archive::TarWriter::open(out));
  const auto mounts = request.without_mounts ? archive::Mounts::kEmpty : archive::Mounts::kWhole;
  TRY_VOID(archive::pack(node.get(), request.name, writer, mounts));
  TRY_VOID(writer.finish());
  return reexec::encode(writer.plain_size());
}

bool same_mount(int one, int other) {
  struct statx a {
  }, b{};
  return ::statx(one, "", AT_EMPTY_PATH, STATX_MNT_ID, &a) == 0 &&
         ::statx(other, "", AT_EMPTY_PATH, STATX_MNT_ID, &b) == 0 && a.stx_mnt_id == b.stx_mnt_id;
}

Result<void> check_writable(const State& state, int directory) {
  struct statvfs filesystem {};
  if (::fstatvfs(directory, &filesystem) < 0 || (filesystem.f_flag & ST_RDONLY) == 0) return {};
  if (same_mount(directory, state.root.get())) return fail("container rootfs is marked read-only");
  return fail("mounted volume is marked read-only");
}

Result<std::string> unpack(const State& state, const UnpackRequest& request, int in) {
  TRY(const UniqueFd directory,
      rootfs::path::open_in_root(state.root.get(), request.directory, O_PATH | O_DIRECTORY));
  TRY_VOID(check_writable(state, directory.get()));
  archive::UnpackOptions options;
  options.owner = request.owner;
  options.devices = options.rights = true;
  TRY(archive::TarReader reader, archive::TarReader::open(in));
  TRY(const auto left_out, archive::unpack(reader, {state.root.get(), request.directory}, options));
  return reexec::encode(left_out);
}

// What the layers below the upper one show together.
Result<UniqueFd> open_lower(const ChangesRequest& request) {
  if (request.lower.size() == 1) {
    return sys::open_at(AT_FDCWD, request.lower.front(), O_PATH | O_DIRECTORY);
  }
  rootfs::layer::OverlayRequest merged;
  merged.lower = request.lower;
  merged.user_xattr = request.user_xattr;
  return rootfs::layer::overlay_mount(merged);
}

Result<std::string> changes(const ChangesRequest& request) {
  TRY(const UniqueFd upper, sys::open_at(AT_FDCWD, request.upper, O_PATH | O_DIRECTORY));
  TRY(const UniqueFd lower, open_lower(request));
  TRY(const auto found,
      rootfs::layer::changes({upper.get(), lower.get(), request.uids, request.gids}));
  return reexec::encode(found);
}

Result<std::string> pack_layer(const LayerRequest& request, int out) {
  rootfs::layer::DiffRequest diff{
      {-1, -1, request.trees.uids, request.trees.gids}, request.mount_points, request.resets_times};
  UniqueFd upper, lower;
  if (!request.trees.lower.empty()) {
    TRY(lower, open_lower(request.trees));
  }
  if (!request.trees.upper.empty()) {
    TRY(upper, sys::open_at(AT_FDCWD, request.trees.upper, O_PATH | O_DIRECTORY));
  } else {
    upper = std::move(lower);
  }
  diff.layers.upper = upper.get();
  diff.layers.lower = lower.get();
  TRY(archive::TarWriter writer, archive::TarWriter::open(out));
  TRY(const std::uint64_t members, rootfs::layer::write_diff(diff, writer));
  TRY_VOID(writer.finish());
  return reexec::encode(members);
}

Result<std::string> enter_tree(State& state, reexec::Message& message) {
  TRY(const auto request, reexec::decode<EnterRequest>(message.bytes));
  TRY(state.root, enter(request, message.fds));
  return std::string();
}

Result<std::string> answer(State& state, reexec::Message& message) {
  const int fd = message.fds.empty() ? -1 : message.fds.front().get();
  switch (static_cast<MessageType>(message.type)) {
    case MessageType::kEnter:
      return enter_tree(state, message);
    case MessageType::kStat: {
      TRY(const auto request, reexec::decode<StatRequest>(message.bytes));
      return stat_node(state, request);
    }
    case MessageType::kPack: {
      TRY(const auto request, reexec::decode<PackRequest>(message.bytes));
      return pack(state, request, fd);
    }
    case MessageType::kUnpack: {
      TRY(const auto request, reexec::decode<UnpackRequest>(message.bytes));
      return unpack(state, request, fd);
    }
    case MessageType::kChanges: {
      TRY(const auto request, reexec::decode<ChangesRequest>(message.bytes));
      return changes(request);
    }
    case MessageType::kLayer: {
      TRY(const auto request, reexec::decode<LayerRequest>(message.bytes));
      return pack_layer(request, fd);
    }
    default:
      return fail("unexpected message {}", message.type);
  }
}

void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, kMaxDescriptors);
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<void> reply(const reexec::Channel& channel, const Result<std::string>& result) {
  if (result) return channel.send(static_cast<std::uint32_t>(MessageType::kDone), *result);
  return channel.send(static_cast<std::uint32_t>(MessageType::kFailed),
                      reexec::encode(result.error()));
}

}  // namespace

int files_main(reexec::Invocation& invocation) {
  // Before anything of the container's can see this process.
  ::prctl(PR_SET_DUMPABLE, 0);
  (void)std::signal(SIGPIPE, SIG_IGN);
  ::umask(0);
  allow_descriptors();
  State state;
  while (true) {
    auto message = invocation.channel.receive();
    if (!message || !*message) return message ? 0 : 1;
    const auto result = answer(state, **message);
    // Whoever reads or writes the other end of a stream learns of its end before the answer.
    (*message)->fds.clear();
    if (!reply(invocation.channel, result)) return 1;
  }
}

}  // namespace mycontainer::runtime::files
