#include "runtime/engine/new_container.h"

#include "runtime/engine/names.h"
#include "runtime/ids/remove_foreign_tree.h"

namespace mycontainer::runtime::engine {

namespace {

// There are some 4,000 names; with most of them taken a number makes the difference.
Result<std::string> generated_name(const state::Roots& roots) {
  constexpr int kPlainAttempts = 8;
  for (int attempt = 0;; ++attempt) {
    TRY(std::string name, random_name());
    if (attempt >= kPlainAttempts) {
      TRY(const std::string digits, random_id());
      name += "_" + digits.substr(0, static_cast<std::size_t>(attempt));
    }
    if (state::owner_of_name(roots, name).empty()) return name;
  }
}

}  // namespace

Result<state::Container> store_container(PreparedSpec& prepared, const state::Roots& roots) {
  constexpr int kAttempts = 10;
  const bool generated = prepared.record.name.empty();
  for (int attempt = 1;; ++attempt) {
    if (generated) {
      TRY(prepared.record.name, generated_name(roots));
    }
    auto container =
        state::Container::create(roots, prepared.record, prepared.spec, ids::remove_foreign_tree);
    // Another may have taken the generated name meanwhile.
    const bool taken = generated && !container && attempt < kAttempts &&
                       state::owner_of_name(roots, prepared.record.name) != prepared.record.id &&
                       !state::owner_of_name(roots, prepared.record.name).empty();
    if (taken) continue;
    prepared.use.reset();
    return container;
  }
}

}  // namespace mycontainer::runtime::engine
