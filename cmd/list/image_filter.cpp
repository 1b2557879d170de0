#include "cmd/list/image_filter.h"

#include <fnmatch.h>

#include <algorithm>

#include "cmd/options/timestamp.h"
#include "cmd/options/values.h"
#include "rootfs/image/reference.h"

namespace mycontainer::cmd::list {
namespace {

using runtime::images::Entry;
using runtime::state::Nanoseconds;

constexpr std::string_view kKnown[] = {"before",    "dangling", "label", "label!",
                                       "reference", "since",    "until"};

Result<std::optional<Nanoseconds>> created_of(const runtime::state::Roots& roots,
                                              const Filters& filters, const std::string& name) {
  const auto values = values_of(filters, name);
  if (values.empty()) return std::optional<Nanoseconds>();
  TRY(const auto store, rootfs::image::ImageStore::open(roots.data));
  TRY(const auto image, store.find(values.back()));
  TRY(const auto entry, runtime::images::entry_of(roots, store, image));
  return std::optional(entry.created);
}

Result<std::optional<bool>> truth_of(const Filters& filters, const std::string& name) {
  const auto values = values_of(filters, name);
  if (values.empty()) return std::optional<bool>();
  const auto truth = options::parse_bool(values.back());
  if (!truth) return fail("invalid filter '{}={}'", name, values.back());
  return std::optional(*truth);
}

Result<std::optional<Nanoseconds>> until_of(const Filters& filters) {
  const auto values = values_of(filters, "until");
  if (values.empty()) return std::optional<Nanoseconds>();
  if (values.size() > 1) return fail("more than one until filter specified");
  TRY(const Nanoseconds time, options::parse_timestamp(values.front(), runtime::state::now()));
  return std::optional(time);
}

// Takes the names that no pattern means.
void keep_matching(std::vector<std::string>& names, std::span<const std::string> patterns) {
  std::erase_if(names, [&](const std::string& name) {
    return std::ranges::none_of(
        patterns, [&](const std::string& pattern) { return matches_reference(pattern, name); });
  });
}

}  // namespace

bool matches_reference(const std::string& pattern, const std::string& name) {
  const auto reference = rootfs::image::parse_reference(name);
  if (!reference) return false;
  const std::string forms[] = {reference->familiar(), reference->familiar_repository(),
                               reference->text(), reference->repository()};
  return std::ranges::any_of(forms, [&](const std::string& form) {
    return ::fnmatch(pattern.c_str(), form.c_str(), FNM_PATHNAME) == 0;
  });
}

Result<ImageFilter> ImageFilter::compile(const runtime::state::Roots& roots, Filters filters) {
  TRY_VOID(check_filters(filters, kKnown));
  ImageFilter filter;
  TRY(filter.dangling_, truth_of(filters, "dangling"));
  TRY(filter.before_, created_of(roots, filters, "before"));
  TRY(filter.since_, created_of(roots, filters, "since"));
  TRY(filter.until_, until_of(filters));
  filter.filters_ = std::move(filters);
  return filter;
}

bool ImageFilter::takes_time(const Entry& entry) const {
  return (!before_ || entry.created < *before_) && (!since_ || entry.created > *since_) &&
         (!until_ || entry.created < *until_);
}

bool ImageFilter::takes(Entry& entry) const {
  if (filters_.empty()) return true;
  const auto& labels = entry.config.config.labels;
  const auto unwanted = values_of(filters_, "label!");
  if (!takes_time(entry) || !matches_labels(values_of(filters_, "label"), labels)) return false;
  if (!unwanted.empty() && matches_labels(unwanted, labels)) return false;
  if (dangling_ && *dangling_ != entry.image.names.empty()) return false;
  const auto patterns = values_of(filters_, "reference");
  if (patterns.empty()) return true;
  keep_matching(entry.image.names, patterns);
  keep_matching(entry.image.repo_digests, patterns);
  return !entry.image.names.empty() || !entry.image.repo_digests.empty();
}

}  // namespace mycontainer::cmd::list
