// Taking names from images, and images away. Parent side. What they needed goes with the next sweep
// (sweep.h), which is the caller's to ask for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/images/catalog.h"
#include "runtime/images/sweep.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::images {

struct Removed {
  std::vector<std::string> untagged;  // names as Docker prints them
  std::vector<rootfs::content::Digest> deleted;
};

// What is to become of an image when somebody says `word`. Docker's rules: by a name only that name
// goes, and the image with its last one; what holds it is an error ("conflict: ..."). Pure.
struct RemovalPlan {
  std::vector<std::string> names;  // to be taken: names and repo digests
  bool forgets = false;            // and the image, when nothing is left
};
Result<RemovalPlan> plan_removal(const rootfs::image::Image& image, const std::string& word,
                                 bool force, const std::vector<UsedBy>& users);

// "no such image: WORD" when it is not here.
Result<Removed> remove(const state::Roots& roots, const std::string& word, bool force);

// All images without a name, or with `all` every one, that no container is made from and that `takes`
// wants gone.
Result<Removed> prune(const state::Roots& roots, bool all,
                      const std::function<bool(const Entry&)>& takes);

// Another name for an image.
Result<void> tag(const state::Roots& roots, const std::string& source, const std::string& target);

}  // namespace mycontainer::runtime::images
