#include "runtime/rdt/group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::rdt {

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

// memBwSchema replaces what l3CacheSchema says about bandwidth.
Lines cache_and_bandwidth(const oci::IntelRdt& config) {
  Lines lines = lines_of(config.l3_cache_schema);
  if (config.mem_bw_schema.empty()) return lines;
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("MB:"); });
  lines.push_back(config.mem_bw_schema);
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string directory_of(const oci::IntelRdt& config, const std::string& id,
                         const std::string& resctrl) {
  return resctrl + "/" + (config.clos_id.empty() ? id : config.clos_id);
}

std::string monitoring_of(const std::string& group, const std::string& id) {
  return group + "/mon_groups/" + id;
}

// True when it was made just now.
Result<bool> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) return true;
  if (errno == EEXIST) return false;
  auto failed = fail_errno("make {}", path);
  if (failed.value().code == ENOSPC) failed.value().hint = "the processor has no class left";
  return failed;
}

Result<void> write_file(const std::string& path, const std::string& text) {
  return sys::write_file_at(AT_FDCWD, path, text, O_WRONLY | O_CREAT, 0644);
}

Result<void> expect_schemata(const std::string& group, const Lines& wanted) {
  TRY(const std::string text, sys::read_file_at(AT_FDCWD, group + "/schemata"));
  const Lines present = lines_of(text);
  for (const std::string& line : wanted) {
    if (std::ranges::find(present, line) == present.end()) {
      return fail("{} exists with other schemata than \"{}\"", group, line);
    }
  }
  return {};
}

Result<void> make_group(const oci::IntelRdt& config, const std::string& group) {
  const Lines lines = cache_and_bandwidth(config);
  const bool has_schemata = !lines.empty() || !config.schemata.empty();
  if (!config.clos_id.empty() && !has_schemata) {
    if (::access(group.c_str(), F_OK) == 0) return {};
    return fail_errno("closID {}", config.clos_id);
  }
  TRY(const bool is_new, make_directory(group));
  if (!is_new) return expect_schemata(group, lines);
  if (!lines.empty()) TRY_VOID(write_file(group + "/schemata", joined(lines)));
  if (config.schemata.empty()) return {};
  return write_file(group + "/schemata", joined(config.schemata));
}

Result<void> enter(const oci::IntelRdt& config, const std::string& id, pid_t pid,
                   const std::string& resctrl) {
  const std::string group = directory_of(config, id, resctrl);
  TRY_VOID(make_group(config, group));
  TRY_VOID(write_file(group + "/tasks", std::to_string(pid)));
  if (!config.enable_monitoring) return {};
  TRY_VOID(make_directory(monitoring_of(group, id)));
  return write_file(monitoring_of(group, id) + "/tasks", std::to_string(pid));
}

Result<void> remove_directory(const std::string& path) {
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  return fail_errno("remove {}", path);
}

}  // namespace

Result<void> enter_group(const oci::IntelRdt& config, const std::string& id, pid_t pid,
                         const std::string& resctrl) {
  auto done = enter(config, id, pid, resctrl);
  if (!done) return within("linux.intelRdt", std::move(done).error());
  return {};
}

Result<void> remove_group(const oci::IntelRdt& config, const std::string& id,
                          const std::string& resctrl) {
  const std::string group = directory_of(config, id, resctrl);
  if (config.enable_monitoring) TRY_VOID(remove_directory(monitoring_of(group, id)));
  return config.clos_id.empty() ? remove_directory(group) : Result<void>();
}

}  // namespace mycontainer::runtime::rdt
