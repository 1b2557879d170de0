#include "runtime/cgroup/systemd_unit.h"

#include <algorithm>
#include <array>

namespace mycontainer::runtime::cgroup {

namespace {

constexpr std::size_t kMaxUnitName = 255;
constexpr std::string_view kSliceSuffix = ".slice";

// systemd's VALID_CHARS_WITH_AT, which are also all that its escaping makes.
bool is_unit_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(":-_.\\@").find(c) != std::string_view::npos;
}

Result<void> check_unit_name(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxUnitName && std::ranges::all_of(name, is_unit_character))
    return {};
  return fail("\"{}\" is not a name that systemd takes for a unit", name);
}

Result<std::array<std::string_view, 3>> split(std::string_view path) {
  std::array<std::string_view, 3> parts;
  if (std::ranges::count(path, ':') != 2) {
    return fail("linux.cgroupsPath: \"{}\" is not of the form slice:prefix:name", path);
  }
  parts[0] = path.substr(0, path.find(':'));
  parts[2] = path.substr(path.rfind(':') + 1);
  parts[1] = path.substr(parts[0].size() + 1, path.size() - parts[0].size() - parts[2].size() - 2);
  return parts;
}

}  // namespace

Result<SystemdUnit> parse_systemd_path(std::string_view path, bool rootless) {
  TRY(const auto parts, split(path));
  const auto [slice, prefix, name] = parts;
  if (name.empty()) return fail("linux.cgroupsPath: \"{}\" names no unit", path);
  SystemdUnit unit;
  unit.slice = slice.empty() ? (rootless ? "user.slice" : "system.slice") : slice;
  unit.is_slice = name.ends_with(kSliceSuffix);
  if (unit.is_slice) {
    unit.name = name;
  } else {
    unit.name =
        prefix.empty() ? fmt::format("{}.scope", name) : fmt::format("{}-{}.scope", prefix, name);
  }
  auto checked = expand_slice(unit.slice);
  if (!checked) return within("linux.cgroupsPath", std::move(checked).error());
  auto named = check_unit_name(unit.name);
  if (!named) return within("linux.cgroupsPath", std::move(named).error());
  return unit;
}

Result<std::string> expand_slice(std::string_view slice) {
  if (slice == "-.slice") return std::string();
  const std::string_view stem = slice.substr(0, slice.rfind('.'));
  const bool dashes_inside =
      !stem.starts_with('-') && !stem.ends_with('-') && stem.find("--") == std::string_view::npos;
  if (!slice.ends_with(kSliceSuffix) || stem.empty() || !dashes_inside || !check_unit_name(slice)) {
    return fail("\"{}\" is not the name of a slice", slice);
  }
  std::string path;
  for (std::size_t end = stem.find('-');; end = stem.find('-', end + 1)) {
    path += fmt::format("/{}.slice", stem.substr(0, end));
    if (end == std::string_view::npos) return path;
  }
}

}  // namespace mycontainer::runtime::cgroup
