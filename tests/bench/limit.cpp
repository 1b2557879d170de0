// What nobody can be faster than when he gets the layers of an image: each blob is read and digested,
// decompressed (zlib), digested again and written once, on all processors. Usage: limit OUT BLOB...
// A blob that is not gzip is digested and written.
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kBuffer = 256 * 1024;

[[noreturn]] void give_up(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

class Digest {
 public:
  Digest() { ::EVP_DigestInit_ex(context_, ::EVP_sha256(), nullptr); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() {
    unsigned char value[EVP_MAX_MD_SIZE];
    ::EVP_DigestFinal_ex(context_, value, nullptr);
    ::EVP_MD_CTX_free(context_);
  }
  void update(const void* bytes, std::size_t size) { ::EVP_DigestUpdate(context_, bytes, size); }

 private:
  EVP_MD_CTX* context_ = ::EVP_MD_CTX_new();
};

void write_all(int fd, const unsigned char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(fd, bytes, size);
    if (count < 0) give_up("write");
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
}

void take(const std::string& blob, const std::string& out) {
  const int in = ::open(blob.c_str(), O_RDONLY | O_CLOEXEC);
  const int to = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (in < 0 || to < 0) give_up(blob);
  std::vector<unsigned char> raw(kBuffer), plain(kBuffer);
  Digest of_blob, of_tar;
  z_stream stream{};
  bool gzip = false, first = true;
  for (ssize_t count = 0; (count = ::read(in, raw.data(), raw.size())) > 0; first = false) {
    of_blob.update(raw.data(), static_cast<std::size_t>(count));
    if (first) {
      gzip = count > 2 && raw[0] == 0x1f && raw[1] == 0x8b;
      if (gzip && ::inflateInit2(&stream, 15 + 16) != Z_OK) give_up("inflateInit2");
    }
    if (!gzip) {
      write_all(to, raw.data(), static_cast<std::size_t>(count));
      continue;
    }
    stream.next_in = raw.data();
    stream.avail_in = static_cast<uInt>(count);
    do {
      stream.next_out = plain.data();
      stream.avail_out = static_cast<uInt>(plain.size());
      const int result = ::inflate(&stream, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) give_up("inflate");
      const std::size_t size = plain.size() - stream.avail_out;
      of_tar.update(plain.data(), size);
      write_all(to, plain.data(), size);
    } while (stream.avail_out == 0);
  }
  if (gzip) ::inflateEnd(&stream);
  ::close(in);
  ::close(to);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string out = argv[1];
  const std::vector<std::string> blobs(argv + 2, argv + argc);
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    workers.emplace_back([&] {
      for (std::size_t n = next++; n < blobs.size(); n = next++) {
        take(blobs[n], out + "/" + std::to_string(n));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return 0;
}
