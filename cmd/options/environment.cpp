#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <optional>

#include "cmd/options/container_options.h"
#include "reexec/sys/file.h"

namespace mycontainer::cmd::options {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool has_space(std::string_view text) { return std::ranges::any_of(text, is_space); }

std::string_view trim_left(std::string_view text) {
  const auto* first = std::ranges::find_if_not(text, is_space);
  text.remove_prefix(static_cast<std::size_t>(first - text.begin()));
  return text;
}

// "NAME=VALUE" as it is; "NAME" with the caller's value, or nothing when the caller has none.
std::optional<std::string> resolve(std::string_view variable) {
  std::string text(variable);
  if (variable.find('=') != std::string_view::npos) return text;
  const char* value = std::getenv(text.c_str());
  if (value == nullptr) return std::nullopt;
  return text + "=" + value;
}

Result<void> add_line(std::vector<std::string>& env, std::string_view line) {
  line = trim_left(line);
  if (line.empty() || line.front() == '#') return {};
  const std::string_view name = line.substr(0, line.find('='));
  if (has_space(name)) return fail("variable '{}' contains whitespaces", name);
  if (name.empty()) return fail("no variable name on line '{}'", line);
  if (auto variable = resolve(line)) env.push_back(*std::move(variable));
  return {};
}

// The lines of a text file, with neither their ends nor a byte order mark.
Result<void> for_each_line(std::string_view path,
                           const std::function<Result<void>(std::string_view line)>& take) {
  TRY(const std::string content, sys::read_file_at(AT_FDCWD, std::string(path)));
  if (content.find('\0') != std::string::npos) return fail("not a text file");
  std::string_view rest = content;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    TRY_VOID(take(line));
  }
  return {};
}

}  // namespace

Result<void> add_env(RunDraft& draft, std::string_view value) {
  if (value.empty() || value.front() == '=') return fail("invalid environment variable: {}", value);
  if (auto variable = resolve(value)) draft.request.env.push_back(*std::move(variable));
  return {};
}

Result<void> add_env_file(RunDraft& draft, std::string_view path) {
  return for_each_line(path,
                       [&](std::string_view line) { return add_line(draft.env_from_files, line); });
}

Result<void> add_label_file(RunDraft& draft, std::string_view path) {
  return for_each_line(path, [&](std::string_view line) -> Result<void> {
    line = trim_left(line);
    if (line.empty() || line.front() == '#') return {};
    return add_label(draft, line);
  });
}

Result<void> add_annotation(RunDraft& draft, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    return fail("invalid argument '{}': must be formatted as key=value", value);
  }
  draft.request.annotations[std::string(value.substr(0, equals))] = value.substr(equals + 1);
  return {};
}

Result<void> add_label(RunDraft& draft, std::string_view value) {
  const std::size_t equals = value.find('=');
  const std::string_view key = trim_left(value.substr(0, equals));
  if (key.empty()) return fail("invalid label '{}': empty name", value);
  if (has_space(key)) return fail("label '{}' contains whitespaces", value);
  draft.request.labels[std::string(key)] =
      equals == std::string_view::npos ? std::string_view{} : value.substr(equals + 1);
  return {};
}

}  // namespace mycontainer::cmd::options
