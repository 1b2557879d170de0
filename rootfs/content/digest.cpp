#include "rootfs/content/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "rootfs/content/crypto.h"

namespace mycontainer::rootfs::content {

namespace {

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct Known {
  std::string_view name;
  std::size_t digits;
};
constexpr std::array kKnown = {Known{"sha256", 64}, Known{"sha512", 128}};

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

EVP_MD_CTX* context_in(void* pointer) { return static_cast<EVP_MD_CTX*>(pointer); }

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto known = std::ranges::find(kKnown, name, &Known::name);
  if (colon == std::string_view::npos || known == kKnown.end()) {
    return fail("\"{}\" is not a digest (sha256:<64 hexadecimal digits>)", text.substr(0, 100));
  }
  const std::string_view hex = text.substr(colon + 1);
  if (hex.size() != known->digits || !is_hex(hex)) {
    return fail("\"{}\" is not a digest: {} needs {} lower-case hexadecimal digits",
                text.substr(0, 150), name, known->digits);
  }
  return Digest(std::string(text));
}

std::string_view Digest::algorithm() const {
  return std::string_view(text_).substr(0, text_.find(':'));
}

std::string_view Digest::hex() const {
  if (text_.empty()) return {};
  return std::string_view(text_).substr(text_.find(':') + 1);
}

void Hasher::Free::operator()(void* context) const { ::EVP_MD_CTX_free(context_in(context)); }

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm) {
  prepare_crypto();
  context_.reset(::EVP_MD_CTX_new());
  ::EVP_DigestInit_ex(context_in(context_.get()),
                      algorithm == Algorithm::kSha256 ? ::EVP_sha256() : ::EVP_sha512(), nullptr);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::string_view bytes) {
  ::EVP_DigestUpdate(context_in(context_.get()), bytes.data(), bytes.size());
}

Digest Hasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned size = 0;
  ::EVP_DigestFinal_ex(context_in(context_.get()), value.data(), &size);
  const Known& known = algorithm_ == Algorithm::kSha256 ? kKnown[0] : kKnown[1];
  return Digest(std::string(known.name) + ":" + to_hex(value.data(), size));
}

Digest digest_of(std::string_view bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids) {
  std::vector<Digest> chain;
  for (const Digest& diff : diff_ids) {
    chain.push_back(chain.empty() ? diff : digest_of(chain.back().text() + " " + diff.text()));
  }
  return chain;
}

}  // namespace mycontainer::rootfs::content
