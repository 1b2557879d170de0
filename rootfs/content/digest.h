// Digests: the names of content (OCI image-spec, descriptor.md, "Digests"). Any process.
#pragma once

#include <compare>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::content {

enum class Algorithm : unsigned char { kSha256, kSha512 };

// Exists only in canonical form: a registered algorithm and its exact number of lower-case
// hexadecimal digits. So it can be a file's name ("../../x" is no digest, CVE-2024-3727).
class Digest {
 public:
  Digest() = default;  // of nothing; empty() until a real one is assigned
  static Result<Digest> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }  // "sha256:0123..."
  [[nodiscard]] std::string_view algorithm() const;                // "sha256"
  [[nodiscard]] std::string_view hex() const;
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] Algorithm kind() const {
    return text_.starts_with("sha512") ? Algorithm::kSha512 : Algorithm::kSha256;
  }
  // The first twelve digits, as lists print ids.
  [[nodiscard]] std::string short_hex() const { return std::string(hex().substr(0, 12)); }

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  friend class Hasher;
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Computes a digest piece by piece (OpenSSL).
class Hasher {
 public:
  explicit Hasher(Algorithm algorithm = Algorithm::kSha256);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  void update(std::string_view bytes);
  // Of all that was given; the hasher can only be destroyed or assigned to afterwards.
  [[nodiscard]] Digest finish();

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
  Algorithm algorithm_;
};

Digest digest_of(std::string_view bytes);  // sha256

// The names of a stack of layers, by the digests of the uncompressed layers, the lowest first (OCI
// image-spec, config.md, "Layer ChainID"). Entry n names layers 0 to n together.
std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids);

}  // namespace mycontainer::rootfs::content
