#include "runtime/lifecycle/rename.h"

#include <algorithm>

#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::lifecycle {

bool is_name(std::string_view name) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto may_follow = [&](char c) {
    return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
  };
  return name.size() >= 2 && is_alphanumeric(name.front()) && std::ranges::all_of(name, may_follow);
}

Result<void> rename(const state::Roots& roots, const std::string& id, const std::string& name) {
  if (!is_name(name)) {
    return fail("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-]+ is allowed", name);
  }
  TRY(auto container, state::Container::open(roots, id));
  TRY_VOID(lock_within(container, kEndPatience));
  TRY(state::Record record, record_of(container));
  const std::string old = record.name;
  if (old == name) {
    return fail("Renaming a container with the same name as its current name");
  }
  TRY_VOID(state::rename(container, record, name, ids::remove_foreign_tree));
  state::append_event(roots, state::container_event(record, "rename", {{"oldName", old}}));
  return {};
}

}  // namespace mycontainer::runtime::lifecycle
