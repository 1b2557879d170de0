// Which images `images` shows, and which `image prune` means. Pure but for the store, which
// compile() needs for before and since.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/list/filters.h"
#include "reexec/sys/error.h"
#include "runtime/images/catalog.h"

namespace mycontainer::cmd::list {

class ImageFilter {
 public:
  // For a list: before, dangling, label, label!, reference, since, until. Docker's errors for names and
  // values that mean nothing.
  static Result<ImageFilter> compile(const runtime::state::Roots& roots, Filters filters);

  // With "reference" only the names that it matches are left in the entry.
  [[nodiscard]] bool takes(runtime::images::Entry& entry) const;

 private:
  [[nodiscard]] bool takes_time(const runtime::images::Entry& entry) const;

  Filters filters_;
  std::optional<bool> dangling_;
  // Of the images that "before" and "since" name, and the time that "until" says.
  std::optional<runtime::state::Nanoseconds> before_, since_, until_;
};

// Whether a pattern ("alpine", "*/app:1*") means the whole name of an image: as Docker has it, its
// familiar form with or without the tag; or the whole name. "*" stands for no "/".
bool matches_reference(const std::string& pattern, const std::string& name);

}  // namespace mycontainer::cmd::list
