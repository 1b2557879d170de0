// What comes out of a layer is what GNU tar makes of it, and what an interrupted unpacking leaves
// goes.
#include <sys/xattr.h>

#include <filesystem>

#include "rootfs/layer/store.h"
#include "rootfs/layer/unpack_layer.h"
#include "tests/support/in_namespaces.h"
#include "tests/unit/layer/layers.h"

namespace mycontainer::rootfs::layer {
namespace {

// Everything about every node, as text.
std::string description(const std::string& tree) {
  return shell("cd " + tree +
               " && find . -printf '%p %y %m %U %G %T@ %n %l\\n' | sort; find . -type f | sort | "
               "xargs -r sha256sum; find . | sort | xargs -r getfattr -hdm - 2>/dev/null");
}

TEST(FaithfulLayer, IsWhatGnuTarMakesOfIt) {
  SKIP_UNLESS_ROOT();
  const LayerTest here;
  here.make_directory("origin");
  here.make_directory("gnu");
  shell("cd " + (here / "origin") + R"( && exec 2>/dev/null
    mkdir -p a/b/empty a/c && printf text > a/file && ln a/file a/b/hard && ln -s ../file a/b/soft
    mkfifo a/fifo && mknod a/null c 1 3 && mknod a/loop b 7 0
    chmod 4755 a/file && chmod 2775 a/c && chmod 1777 a/b && chmod 0 a/b/empty
    cp /bin/true a/capable && chown 1000:1001 a/file a/c && chown -h 1002:1003 a/b/soft
    setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 a/capable
    setfattr -n user.some -v value a/c; setfattr -n user.empty a/capable
    setfattr -n system.posix_acl_access -v 0x0200000001000600ffffffff02000600e803000004000400ffffffff10000600ffffffff20000400ffffffff a/capable
    setfattr -n system.posix_acl_default -v 0x0200000001000700ffffffff02000500e803000004000500ffffffff10000500ffffffff20000500ffffffff a/c
    truncate -s 10M a/sparse && printf x | dd of=a/sparse bs=1 seek=5000000 conv=notrunc
    touch -d '2001-02-03 04:05:06.123456789' a/file a/b/empty a/c
    touch -hd '1999-12-31 23:59:59.5' a/b/soft; touch -d '2010-01-01' a/b a)");
  const std::string tar =
      shell("tar -C " + (here / "origin") +
            " --format=pax --numeric-owner --xattrs --xattrs-include='*' --acls -S -c .");
  here.make_file("layer.tar", tar);
  const auto made = here.unpack(tar);
  ASSERT_TRUE(made) << made.error().message();
  shell("tar -C " + (here / "gnu") +
        " --numeric-owner --xattrs --xattrs-include='*' --acls -p -x < " + (here / "layer.tar"));
  const std::string ours = description(here / "tree");
  EXPECT_EQ(ours, description(here / "gnu"));
  EXPECT_EQ(ours, description(here / "origin"));
  EXPECT_NE(ours.find("security.capability"), std::string::npos) << ours;
  EXPECT_NE(ours.find("posix_acl_default"), std::string::npos) << ours;
  EXPECT_NE(ours.find("981173106.1234567890"), std::string::npos) << ours;
  EXPECT_LE(here.status("a/sparse").st_blocks, 64);
}

TEST(FaithfulLayer, SigkillLeavesNothingThatTheNextOneDoesNotRemove) {
  const LayerTest here;
  const auto store = LayerStore::open(here.path());
  ASSERT_TRUE(store);
  std::string tar;
  for (int i = 0; i < 5000; ++i)
    tar += tar_bytes({fmt::format("d{}/f{}", i % 50, i), '0', "", "x"});
  for (const int killed_after : {0, 100, 1000, 3000}) {
    auto layer = store->begin();
    ASSERT_TRUE(layer);
    // Until so many files are there.
    const UniqueFd fd(::memfd_create("blob", MFD_CLOEXEC));
    ASSERT_TRUE(sys::write_all(fd.get(), tar));
    ::lseek(fd.get(), 0, SEEK_SET);
    UnpackRequest request;
    request.blob = fd.get();
    request.blob_size = tar.size();
    request.tree = layer->tree();
    if (::geteuid() != 0) request.ids = {{{0, ::geteuid(), 1}}, {{0, ::getegid(), 1}}, ""};
    auto unpacker = LayerUnpacker::start(request);
    ASSERT_TRUE(unpacker) << unpacker.error().message();
    while (::lseek(fd.get(), 0, SEEK_CUR) < killed_after * 1024) ::sched_yield();
    unpacker->stop();
    EXPECT_TRUE(!unpacker->wait() || killed_after > 0);
  }
  EXPECT_TRUE(std::filesystem::is_empty(here / "layers"));
}

}  // namespace
}  // namespace mycontainer::rootfs::layer
