// Names of images, as Docker reads them (the grammar of distribution's reference package). Any
// process; pure.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/content/digest.h"

namespace mycontainer::rootfs::image {

// [domain/]path[:tag][@digest]. Complete: `domain` and `path` always stand, also when they were
// left out ("alpine" is docker.io/library/alpine).
struct Reference {
  std::string domain;  // "docker.io", "localhost:5000"
  std::string path;    // "library/alpine"
  std::string tag;     // empty: none was named
  content::Digest digest = {};

  [[nodiscard]] std::string repository() const { return domain + "/" + path; }
  // "docker.io/library/alpine:latest", with the digest when there is one: the whole name, as the
  // store has it.
  [[nodiscard]] std::string text() const;
  // As Docker prints it: without "docker.io/" and "library/", "alpine:latest".
  [[nodiscard]] std::string familiar() const;
  [[nodiscard]] std::string familiar_repository() const;
  friend bool operator==(const Reference&, const Reference&) = default;
};

// Errors are Docker's: "invalid reference format", "repository name must be lowercase", "cannot
// specify 64-byte hexadecimal strings". No tag is added.
Result<Reference> parse_reference(std::string_view text);
// The same, with the tag "latest" when neither tag nor digest stands there.
Result<Reference> parse_tagged_reference(std::string_view text);

// Whether the name stands without a domain and without a "/": what short-name aliases are for.
bool is_short_name(std::string_view text);

}  // namespace mycontainer::rootfs::image
