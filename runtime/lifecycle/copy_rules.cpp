#include "runtime/lifecycle/copy_rules.h"

#include "rootfs/mount/plan.h"

namespace mycontainer::runtime::lifecycle {

std::string clean_path(std::string_view path) { return rootfs::mount::clean_path(path); }

std::string parent_of(const std::string& clean) {
  const std::size_t slash = clean.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : clean.substr(0, slash);
}

std::string name_of_path(const std::string& clean) {
  const std::string name = clean.substr(clean.rfind('/') + 1);
  return name.empty() ? "." : name;
}

bool names_directory(std::string_view typed) {
  return typed.ends_with('/') || names_content(typed);
}

bool names_content(std::string_view typed) {
  return typed == "." || typed.ends_with("/.") || clean_path(typed) == "/";
}

std::string follow_link(const std::string& link, const std::string& target) {
  return clean_path(target.starts_with('/') ? target : parent_of(link) + "/" + target);
}

Result<Placement> place(const CopySource& source, const CopyTarget& target) {
  if (target.exists && target.is_directory) return Placement{target.path, source.name};
  if (target.exists && source.is_directory) return fail("cannot copy directory");
  if (target.exists && target.asked_directory) return fail("not a directory");
  if (!target.exists && !source.is_directory && target.asked_directory) {
    return fail("no such directory");
  }
  return Placement{parent_of(target.path), name_of_path(target.path)};
}

}  // namespace mycontainer::runtime::lifecycle
