#include "runtime/images/remove.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "rootfs/image/reference.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::images {

namespace {

namespace image = rootfs::image;
using image::Image;
using image::ImageStore;
using rootfs::content::Digest;

// A name may look like the beginning of an ID, and goes first (ImageStore::look_up).
bool is_id(const Image& image, std::string_view word) {
  const auto reference = image::parse_tagged_reference(word);
  if (reference && std::ranges::find(image.names, reference->text()) != image.names.end()) {
    return false;
  }
  return image.id.text().starts_with(word) || image.id.hex().starts_with(word);
}

// "docker.io/library/a" of "docker.io/library/a:tag" and of "docker.io/library/a@sha256:...".
std::string repository_of(const std::string& name) {
  const auto reference = image::parse_reference(name);
  return reference ? reference->repository() : name;
}

std::string familiar(const std::string& name) {
  const auto reference = image::parse_reference(name);
  return reference ? reference->familiar() : name;
}

std::vector<std::string> all_names(const Image& image) {
  std::vector<std::string> names = image.names;
  names.insert(names.end(), image.repo_digests.begin(), image.repo_digests.end());
  return names;
}

// Of one repository and with one tag at most.
bool is_single_reference(const Image& image) {
  if (image.names.size() > 1) return false;
  std::set<std::string> repositories;
  for (const std::string& name : all_names(image)) repositories.insert(repository_of(name));
  return repositories.size() <= 1;
}

// The name that `word` means, with the digests of its repository when no other tag of that is left.
Result<std::vector<std::string>> names_meant(const Image& image, const std::string& word) {
  TRY(const auto reference, image::parse_tagged_reference(word));
  const std::string repository = reference.repository();
  if (!reference.digest.empty()) {
    return std::vector<std::string>{repository + "@" + reference.digest.text()};
  }
  std::vector<std::string> names = {reference.text()};
  const auto is_sibling = [&](const std::string& name) {
    return name != names.front() && repository_of(name) == repository;
  };
  if (std::ranges::any_of(image.names, is_sibling)) return names;
  std::vector<std::string> digests = image.repo_digests;
  std::erase_if(digests, [&](const auto& name) { return repository_of(name) != repository; });
  names.insert(names.end(), digests.begin(), digests.end());
  return names;
}

Failure conflict(const Image& image, bool can_be_forced, const std::string& reason) {
  return fail("conflict: unable to delete {} ({} be forced) - {}", image.id.short_hex(),
              can_be_forced ? "must" : "cannot", reason);
}

std::string short_id(const UsedBy& user) { return user.container.substr(0, 12); }

// By an id, or by its last name with force: the image itself.
Result<void> check_conflicts(const Image& image, bool force, const std::vector<UsedBy>& users) {
  if (!users.empty() && users.front().runs) {
    return conflict(image, false,
                    "image is being used by running container " + short_id(users.front()));
  }
  if (force) return {};
  if (!is_single_reference(image)) {
    return conflict(image, true, "image is referenced in multiple repositories");
  }
  if (users.empty()) return {};
  return conflict(image, true,
                  "image is being used by stopped container " + short_id(users.front()));
}

std::vector<UsedBy> users_of(const std::vector<UsedBy>& all, const Digest& id) {
  std::vector<UsedBy> users;
  std::ranges::copy_if(all, std::back_inserter(users),
                       [&](const UsedBy& user) { return user.image == id; });
  return users;
}

void note(const state::Roots& roots, const char* action, const std::string& id,
          const std::string& name) {
  state::append_event(roots, {state::now(), "image", action, id, {{"name", name}}});
}

Result<void> carry_out(const state::Roots& roots, const ImageStore& store, const Image& image,
                       const RemovalPlan& plan, Removed& removed) {
  TRY(const bool went, store.take_names(image.id, plan.names, plan.forgets));
  for (const std::string& name : plan.names) {
    removed.untagged.push_back(familiar(name));
    note(roots, "untag", image.id.text(), image.id.text());
  }
  if (!went) return {};
  removed.deleted.push_back(image.id);
  note(roots, "delete", image.id.text(), image.id.text());
  return {};
}

}  // namespace

Result<RemovalPlan> plan_removal(const Image& image, const std::string& word, bool force,
                                 const std::vector<UsedBy>& users) {
  if (is_id(image, word)) {
    TRY_VOID(check_conflicts(image, force, users));
    return RemovalPlan{all_names(image), true};
  }
  if (!force && is_single_reference(image) && !users.empty()) {
    return fail(
        "conflict: unable to remove repository reference \"{}\" (must force) - container {} is "
        "using its referenced image {}",
        word, short_id(users.front()), image.id.short_hex());
  }
  RemovalPlan plan;
  TRY(plan.names, names_meant(image, word));
  // A running container's image loses its name and stays.
  plan.forgets = users.empty() || (force && !users.front().runs);
  return plan;
}

Result<Removed> remove(const state::Roots& roots, const std::string& word, bool force) {
  TRY(const ImageStore store, ImageStore::open(roots.data));
  TRY(const Image image, store.find(word));
  TRY(const auto used, images_in_use(roots));
  TRY(const RemovalPlan plan, plan_removal(image, word, force, users_of(used, image.id)));
  Removed removed;
  TRY_VOID(carry_out(roots, store, image, plan, removed));
  return removed;
}

Result<Removed> prune(const state::Roots& roots, bool all,
                      const std::function<bool(const Entry&)>& takes) {
  TRY(const ImageStore store, ImageStore::open(roots.data));
  TRY(const auto entries, catalog(roots));
  TRY(const auto used, images_in_use(roots));
  Removed removed;
  for (const Entry& entry : entries) {
    const bool dangles = entry.image.names.empty();
    if ((!all && !dangles) || !users_of(used, entry.image.id).empty() || !takes(entry)) continue;
    // Somebody else may have been faster.
    (void)carry_out(roots, store, entry.image, {all_names(entry.image), true}, removed);
  }
  return removed;
}

Result<void> tag(const state::Roots& roots, const std::string& source, const std::string& target) {
  auto name = image::parse_tagged_reference(target);
  if (!name) return within(target, std::move(name).error());
  if (!name->digest.empty()) return fail("refusing to create a tag with a digest reference");
  TRY(const ImageStore store, ImageStore::open(roots.data));
  TRY(const image::Use use, store.use());
  TRY(const Image image, store.find(source));
  TRY_VOID(store.add(use, {image.manifest, image.id, name->text(), std::nullopt, false}));
  note(roots, "tag", image.id.text(), name->familiar());
  return {};
}

}  // namespace mycontainer::runtime::images
