// The child of unpack_layer.h.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "rootfs/layer/adopt.h"
#include "rootfs/layer/unpack_filter.h"
#include "rootfs/layer/unpack_layer.h"
#include "rootfs/layer/unpack_messages.h"
#include "rootfs/layer/unpack_stream.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/root.h"

namespace mycontainer::rootfs::layer {

namespace {

using reexec::Channel;

constexpr std::uint64_t kProgressStep = 2 << 20;

constexpr std::uint32_t number(UnpackMessage message) {
  return static_cast<std::uint32_t>(message);
}

// A device node that the layer brings is none to us, and no program of it can be started.
Result<void> disarm(int tree) {
  auto changed = mount::change_attributes(
      tree, {MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0, false});
  if (!changed && changed.error().code == ENOSYS) return {};  // before kernel 5.12
  return changed;
}

// The layer's tree, where this process was started, becomes all there is: nothing of the host is
// open.
Result<UniqueFd> confine() {
  if (::prctl(PR_SET_DUMPABLE, 0) < 0) return fail_errno("prctl");
  TRY_VOID(mount::set_propagation("/", MS_PRIVATE, true));
  const UniqueFd tree(::open_tree(AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!tree) return fail_errno("clone the mount of the layer's tree");
  TRY_VOID(disarm(tree.get()));
  TRY_VOID(mount::attach_root(tree.get()));
  TRY_VOID(mount::enter_root(tree.get()));
  TRY_VOID(mount::detach_old_root());
  TRY_VOID(give_up_system_calls());
  ::umask(0);
  return sys::open_at(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY);
}

archive::Source with_progress(int blob, const Channel& channel) {
  return [read = archive::read_from(blob), &channel, total = std::uint64_t{0},
          told = std::uint64_t{0}]() mutable -> Result<std::string_view> {
    TRY(const std::string_view piece, read());
    total += piece.size();
    if (total - told >= kProgressStep) {
      told = total;
      TRY_VOID(channel.send(number(UnpackMessage::kProgress), reexec::encode(total)));
    }
    return piece;
  };
}

Result<std::vector<std::string>> unpack(const Channel& channel, int root) {
  TRY(auto message, channel.receive());
  if (!message || message->fds.size() != 1) return fail("no order came");
  TRY(const auto order, reexec::decode<UnpackOrder>(message->bytes));
  StreamOrder wanted{order.blob_size, {}, order.user_xattr};
  if (!order.diff_id.empty()) {
    TRY(wanted.diff_id, content::Digest::parse(order.diff_id));
  }
  const UniqueFd blob = std::move(message->fds.front());
  TRY(auto made, unpack_stream(with_progress(blob.get(), channel), wanted, root));
  const UnpackAnswer answer{made.diff_id.text(), made.tree.size,     made.uncompressed,
                            made.tree.squashed,  made.tree.left_out, made.tree.implied};
  TRY_VOID(channel.send(number(UnpackMessage::kUnpacked), reexec::encode(answer)));
  return std::move(made.tree.implied);
}

Result<void> adopt(const Channel& channel, int root, const std::vector<std::string>& implied) {
  Adoption adoption(root, implied);
  while (true) {
    TRY(const auto message, channel.receive());
    if (!message) return {};  // nobody wants it
    TRY(const bool last, reexec::decode<bool>(message->bytes));
    for (const UniqueFd& below : message->fds) TRY_VOID(adoption.from(below.get()));
    if (last) return channel.send(number(UnpackMessage::kDone), "");
  }
}

Result<void> serve(const Channel& channel) {
  TRY(const UniqueFd root, confine());
  TRY(const auto implied, unpack(channel, root.get()));
  return adopt(channel, root.get(), implied);
}

}  // namespace

int unpack_layer_main(reexec::Invocation& invocation) {
  const auto served = serve(invocation.channel);
  if (served) return 0;
  (void)invocation.channel.send(number(UnpackMessage::kError), reexec::encode(served.error()));
  return 1;
}

}  // namespace mycontainer::rootfs::layer
