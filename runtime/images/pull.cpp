#include "runtime/images/pull.h"

#include <functional>

#include "rootfs/registry/client.h"
#include "rootfs/registry/keychain.h"
#include "runtime/images/download.h"
#include "runtime/images/interruption.h"
#include "runtime/images/pull_image.h"
#include "runtime/images/sweep.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::images {

namespace {

namespace image = rootfs::image;
namespace registry = rootfs::registry;

// What all attempts of one command share.
struct Places {
  registry::Configuration configuration;
  registry::Keychain keychain;
};

Result<Places> open_places(const RegistryOptions& options) {
  TRY(auto configuration, registry::Configuration::load(options.transport));
  TRY(auto keychain, registry::Keychain::open(options.authfile));
  return Places{std::move(configuration), std::move(keychain)};
}

// Another place would not help.
bool is_ours(const Error& error) {
  return error.code == ENOSPC || error.code == EDQUOT || error.code == EROFS ||
         error.exit_status > 128;
}

using Try = std::function<Result<void>(const registry::Source& source, registry::Client& client)>;

// Each place that the image may be had from, until one has it.
Result<void> try_sources(const Places& places, const image::Reference& name, const Try& attempt) {
  TRY(const auto sources, places.configuration.sources(name, true));
  Result<void> outcome = fail("nobody has {}", name.familiar());
  for (const registry::Source& source : sources) {
    TRY(auto credentials, places.keychain.find(source.reference.repository()));
    TRY(auto client, registry::Client::open({.endpoint = source.endpoint,
                                             .repository = source.reference.path,
                                             .credentials = std::move(credentials),
                                             .push = false,
                                             .mount_from = {}}));
    outcome = attempt(source, client);
    if (outcome || is_ours(outcome.error())) return outcome;
  }
  return outcome;
}

// Each name that the word can mean, until one leads to an image.
Result<Pulled> try_meanings(const std::vector<image::Reference>& meanings,
                            const std::function<Result<Pulled>(const image::Reference&)>& attempt) {
  std::string tried;
  for (std::size_t i = 0;; ++i) {
    auto pulled = attempt(meanings[i]);
    if (pulled) return pulled;
    tried += (tried.empty() ? "" : ", ") + meanings[i].text();
    if (!is_ours(pulled.error()) && i + 1 < meanings.size()) continue;
    Error error = std::move(pulled).error();
    if (i > 0 && error.hint.empty()) error.hint = "tried: " + tried;
    return Failure(std::move(error));
  }
}

struct Order {
  const state::Roots& roots;
  const image::ImageStore& store;
  const Places& places;
  const std::optional<image::Platform>& platform;
  const Report& report;
};

Result<Pulled> pull_reference(const Order& order, const image::Reference& name) {
  std::optional<Pulled> pulled;
  TRY_VOID(
      try_sources(order.places, name,
                  [&](const registry::Source& source, registry::Client& client) -> Result<void> {
                    TRY(pulled, pull_image({order.store, order.roots.data, name, source.reference,
                                            order.platform, order.report},
                                           client));
                    return {};
                  }));
  const std::string familiar = name.familiar();
  state::append_event(order.roots, {.time = state::now(),
                                    .type = "image",
                                    .action = "pull",
                                    .id = familiar,
                                    .attributes = {{"name", name.familiar_repository()}}});
  return *std::move(pulled);
}

std::string status_line(bool is_new, const std::string& familiar) {
  return (is_new ? "Status: Downloaded newer image for " : "Status: Image is up to date for ") +
         familiar;
}

void say(const Report& report, std::string text) {
  if (report) report({.layer = {}, .phase = Phase::kLine, .text = std::move(text)});
}

Result<std::vector<image::Reference>> meanings_of(const Places& places, const std::string& word) {
  TRY(auto meanings, places.configuration.resolve(word));
  if (meanings.empty()) return fail("invalid reference format");
  for (image::Reference& meaning : meanings) {
    if (meaning.tag.empty() && meaning.digest.empty()) meaning.tag = "latest";
    // With a digest the tag says nothing, as with Docker.
    if (!meaning.digest.empty()) meaning.tag.clear();
  }
  return meanings;
}

Result<std::vector<std::string>> tags_of(const Places& places, const image::Reference& name) {
  std::vector<std::string> tags;
  TRY_VOID(try_sources(places, name,
                       [&](const registry::Source&, registry::Client& client) -> Result<void> {
                         TRY(tags, client.tags());
                         return {};
                       }));
  if (tags.empty()) return fail_code(ENOENT, "{} has no tags", name.familiar_repository());
  return tags;
}

}  // namespace

Result<Pulled> pull(const state::Roots& roots, const PullRequest& request, const Report& report) {
  TRY(const Places places, open_places(request.registry));
  TRY(const auto meanings, meanings_of(places, request.word));
  TRY(const auto store, image::ImageStore::open(roots.data));
  const Interruption interruption;
  const Report one_at_a_time = serialized(report);
  const Order order{roots, store, places, request.platform, one_at_a_time};
  auto pulled = try_meanings(
      meanings, [&order](const image::Reference& name) { return pull_reference(order, name); });
  sweep_if_wanted(roots);
  if (!pulled) return within(request.word, std::move(pulled).error());
  TRY(const image::Reference name, image::parse_reference(pulled->name));
  say(report, status_line(pulled->is_new, name.familiar()));
  return pulled;
}

Result<std::vector<Pulled>> pull_all_tags(const state::Roots& roots, const PullRequest& request,
                                          const Report& report) {
  TRY(const image::Reference typed, image::parse_reference(request.word));
  if (!typed.tag.empty() || !typed.digest.empty()) {
    return fail("tag can't be used with --all-tags/-a");
  }
  TRY(const Places places, open_places(request.registry));
  TRY(const auto meanings, meanings_of(places, request.word));
  TRY(const auto store, image::ImageStore::open(roots.data));
  const Interruption interruption;
  const Report one_at_a_time = serialized(report);
  const Order order{roots, store, places, request.platform, one_at_a_time};
  std::vector<Pulled> all;
  TRY(const Pulled last, try_meanings(meanings, [&](image::Reference name) -> Result<Pulled> {
        TRY(const auto tags, tags_of(places, name));
        for (const std::string& tag : tags) {
          TRY(name, image::parse_reference(name.repository() + ":" + tag));
          TRY(Pulled one, pull_reference(order, name));
          all.push_back(std::move(one));
        }
        return all.back();
      }));
  sweep_if_wanted(roots);
  bool any_new = false;
  for (const Pulled& one : all) any_new = any_new || one.is_new;
  TRY(const image::Reference name, image::parse_reference(last.name));
  say(report, status_line(any_new, name.familiar_repository()));
  return all;
}

}  // namespace mycontainer::runtime::images
