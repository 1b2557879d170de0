#include "rootfs/layer/unpack_layer.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <algorithm>

#include "reexec/command.h"
#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "rootfs/layer/shifted.h"
#include "rootfs/layer/unpack_messages.h"

namespace mycontainer::rootfs::layer {

namespace {

using reexec::Channel;
using reexec::Command;

// A decompressor's window is at most 128 MiB (zstd) or what its author asked for (xz).
constexpr rlim_t kMostMemory = 512 << 20;

constexpr std::uint64_t bit(int capability) { return std::uint64_t{1} << capability; }
// What making a tree of other people's files and the own mount namespace take; not
// CAP_DAC_READ_SEARCH, with which open_by_handle_at(2) leads out of every directory.
constexpr std::uint64_t kCapabilities = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) |
                                        bit(CAP_FSETID) | bit(CAP_MKNOD) | bit(CAP_SETFCAP) |
                                        bit(CAP_SYS_ADMIN);

constexpr std::uint32_t number(UnpackMessage message) {
  return static_cast<std::uint32_t>(message);
}

void be_born_apart(reexec::Attributes& attributes, const LayerIds& ids) {
  attributes.new_namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC;
  if (!ids.uids.empty()) {
    attributes.new_namespaces |= CLONE_NEWUSER;
    attributes.uid_map = ids.uids;
    attributes.gid_map = ids.gids;
    attributes.deny_setgroups = ids.gids.size() == 1;
  }
  attributes.limits = {{RLIMIT_AS, {kMostMemory, kMostMemory}}, {RLIMIT_CORE, {0, 0}}};
  attributes.capabilities = {kCapabilities, kCapabilities, kCapabilities, 0, 0};
  attributes.no_new_privs = true;
  attributes.parent_death_signal = SIGKILL;
}

Result<Unpacked> unpacked_of(std::string_view bytes) {
  TRY(auto answer, reexec::decode<UnpackAnswer>(bytes));
  Unpacked unpacked;
  TRY(unpacked.diff_id, content::Digest::parse(answer.diff_id));
  unpacked.size = answer.size;
  unpacked.uncompressed = answer.uncompressed;
  unpacked.squashed = answer.squashed;
  unpacked.left_out = answer.left_out;
  unpacked.implied = std::move(answer.implied);
  return unpacked;
}

// A child that died without a word.
Failure died(reexec::Process& process) {
  auto status = process.wait();
  if (!status) return Failure(std::move(status).error());
  return fail("unpack a layer: the process that does it {}", status->describe());
}

// What the child says, when it is not what was waited for.
Failure unexpected(reexec::Process& process, const std::optional<reexec::Message>& message) {
  if (!message) return died(process);
  if (message->type != number(UnpackMessage::kError)) return fail_code(EBADMSG, "unpack a layer");
  auto error = reexec::decode<Error>(message->bytes);
  return Failure(error ? std::move(*error) : std::move(error).error());
}

}  // namespace

Result<LayerUnpacker> LayerUnpacker::start(const UnpackRequest& request) {
  auto command = Command::entry(std::string(kUnpackLayerEntry));
  command.clear_env().cwd(request.tree);
  command.in(reexec::Stdio::null()).out(reexec::Stdio::null()).err(reexec::Stdio::null());
  be_born_apart(command.attributes(), request.ids);
  TRY(reexec::Process process, command.start());
  LayerUnpacker unpacker(std::move(process), command.take_channel());
  const UnpackOrder order{request.blob_size, request.diff_id.text(), request.user_xattr};
  const std::array fds = {request.blob};
  TRY_VOID(unpacker.channel_.send(number(UnpackMessage::kOrder), reexec::encode(order), fds));
  unpacker.progress_ = request.progress;
  return unpacker;
}

Result<Unpacked> LayerUnpacker::wait() {
  while (true) {
    TRY(const auto message, channel_.receive());
    if (!message) return died(process_);
    if (message->type == number(UnpackMessage::kUnpacked)) {
      TRY(Unpacked unpacked, unpacked_of(message->bytes));
      implied_ = unpacked.implied;
      return unpacked;
    }
    if (message->type != number(UnpackMessage::kProgress)) return unexpected(process_, message);
    TRY(const auto read, reexec::decode<std::uint64_t>(message->bytes));
    if (progress_) progress_(read);
  }
}

namespace {

// What the copy may look at of the layers below. It has read the layer by then, and may be what that
// has made of it: from a descriptor on the host's own mount ".." would lead it anywhere. On a detached
// clone it ends at the clone's root. Who may not clone (an ordinary user) gives it his rights at most.
class Below {
 public:
  explicit Below(const std::vector<std::string>& trees)
      : common_(common_directory(trees)),
        clone_(::open_tree(AT_FDCWD, common_.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)) {}

  [[nodiscard]] Result<UniqueFd> open(const std::string& tree) const {
    if (!clone_) return sys::open_at(AT_FDCWD, tree, O_PATH | O_DIRECTORY);
    const std::string rest = tree.substr(common_.size());
    return sys::open_at(clone_.get(), "./" + rest, O_PATH | O_DIRECTORY);
  }

 private:
  std::string common_;
  UniqueFd clone_;
};

}  // namespace

Result<void> LayerUnpacker::adopt_directories(const std::vector<std::string>& below) {
  if (implied_.empty() || below.empty()) return {};
  const Below layers(below);
  for (std::size_t at = 0; at < below.size(); at += Channel::kMaxFds) {
    const std::size_t end = std::min(below.size(), at + Channel::kMaxFds);
    std::vector<UniqueFd> trees;
    std::vector<int> fds;
    for (std::size_t i = at; i < end; ++i) {
      TRY(UniqueFd tree, layers.open(below[i]));
      fds.push_back(tree.get());
      trees.push_back(std::move(tree));
    }
    TRY_VOID(
        channel_.send(number(UnpackMessage::kBelow), reexec::encode(end == below.size()), fds));
  }
  TRY(const auto message, channel_.receive());
  if (!message || message->type != number(UnpackMessage::kDone)) {
    return unexpected(process_, message);
  }
  return {};
}

}  // namespace mycontainer::rootfs::layer
