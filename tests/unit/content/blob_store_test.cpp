#include "rootfs/content/blob_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::content {
namespace {

std::size_t files_in(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

class BlobStoreTest : public ::testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  BlobStore store_ = *BlobStore::open(directory_.path());
  const std::string text_ = "some content";
  const Digest digest_ = digest_of(text_);

  std::size_t blobs() { return files_in(directory_ / "blobs/sha256"); }
  std::size_t incomplete() { return files_in(directory_ / "incomplete"); }
};

TEST_F(BlobStoreTest, GivesBackWhatWasPut) {
  EXPECT_FALSE(store_.has(digest_));
  const auto put = store_.put(text_);
  ASSERT_TRUE(put) << put.error().message();
  EXPECT_EQ(*put, digest_);
  EXPECT_TRUE(store_.has(digest_));
  EXPECT_EQ(*store_.read(digest_), text_);
  EXPECT_EQ(*store_.size(digest_), text_.size());
  EXPECT_TRUE(store_.put(text_));
  EXPECT_EQ(blobs(), 1U);
  EXPECT_EQ(incomplete(), 0U);
}

TEST_F(BlobStoreTest, DoesNotReadMoreThanWasAllowed) {
  ASSERT_TRUE(store_.put(text_));
  EXPECT_FALSE(store_.read(digest_, 5));
  EXPECT_EQ(store_.open_blob(digest_of("other")).error().code, ENOENT);
}

TEST_F(BlobStoreTest, MakesABlobOnlyOfTheRightContent) {
  auto writer = store_.begin(digest_, 5);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write("other"));
  const auto committed = writer->commit();
  ASSERT_FALSE(committed);
  EXPECT_NE(committed.error().message().find(digest_.text()), std::string::npos);
  EXPECT_FALSE(store_.has(digest_));
  EXPECT_EQ(incomplete(), 0U);
}

TEST_F(BlobStoreTest, RefusesMoreThanWasDeclared) {
  auto writer = store_.begin(digest_, 4);
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->write(text_));
  EXPECT_EQ(incomplete(), 0U);
}

TEST_F(BlobStoreTest, GoesOnWithAnInterruptedDownload) {
  {
    auto writer = store_.begin(digest_, text_.size());
    ASSERT_TRUE(writer->write(text_.substr(0, 5)));
    EXPECT_FALSE(writer->commit());  // not whole
  }
  EXPECT_EQ(incomplete(), 1U);
  auto writer = store_.begin(digest_, text_.size());
  ASSERT_TRUE(writer);
  EXPECT_EQ(writer->offset(), 5U);
  ASSERT_TRUE(writer->write(text_.substr(5)));
  ASSERT_TRUE(writer->commit());
  EXPECT_EQ(*store_.read(digest_), text_);
  EXPECT_EQ(incomplete(), 0U);
}

TEST_F(BlobStoreTest, BeginsAgainWhereWhatIsThereIsWrong) {
  {
    auto writer = store_.begin(digest_, text_.size());
    ASSERT_TRUE(writer->write("wrong"));
  }
  auto writer = store_.begin(digest_, text_.size());
  EXPECT_EQ(writer->offset(), 5U);
  ASSERT_TRUE(writer->restart());
  EXPECT_EQ(writer->offset(), 0U);
  ASSERT_TRUE(writer->write(text_));
  EXPECT_TRUE(writer->commit());
}

TEST_F(BlobStoreTest, LeavesNothingOfContentThatWasGivenUp) {
  {
    auto writer = store_.begin();
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->write("half"));
    EXPECT_EQ(incomplete(), 1U);
  }
  EXPECT_EQ(incomplete(), 0U);
  EXPECT_EQ(blobs(), 0U);
}

TEST_F(BlobStoreTest, RemovesOnlyWhatNobodyWorksOn) {
  auto busy = store_.begin(digest_, text_.size());
  ASSERT_TRUE(busy->write("some"));
  directory_.make_file("incomplete/.new-0000000000000000", "left by SIGKILL");
  EXPECT_EQ(*store_.remove_incomplete(3600), 15U);
  EXPECT_EQ(incomplete(), 1U);
  EXPECT_EQ(*store_.remove_incomplete(0), 0U);
}

TEST_F(BlobStoreTest, ListsAndRemovesBlobs) {
  ASSERT_TRUE(store_.put(text_));
  directory_.make_file("blobs/sha256/foreign", "no digest");
  ASSERT_TRUE(store_.list());
  EXPECT_EQ(*store_.list(), std::vector<Digest>{digest_});
  EXPECT_EQ(*store_.remove(digest_), text_.size());
  EXPECT_FALSE(store_.has(digest_));
}

}  // namespace
}  // namespace mycontainer::rootfs::content
