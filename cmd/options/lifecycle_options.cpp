#include "cmd/options/lifecycle_options.h"

#include <algorithm>
#include <array>

#include "cmd/options/paths.h"
#include "cmd/options/restart_policy.h"
#include "cmd/options/values.h"
#include "runtime/attach/client.h"

namespace mycontainer::cmd::options {

namespace {

using runtime::state::LogSettings;

constexpr std::array<std::string_view, 6> kKeptLogOptions = {
    "compress", "env", "env-regex", "labels", "labels-regex", "tag"};

LogSettings& log_of(RunDraft& draft) {
  auto& log = draft.request.log;
  if (!log) log.emplace();
  return *log;
}

Result<void> set_max_size(LogSettings& log, std::string_view value) {
  TRY(const std::int64_t size, parse_size(value));
  if (size <= 0 && value != "-1") return fail("max-size must be a positive number");
  // Docker's "without bound".
  log.max_size = size <= 0 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(size);
  return {};
}

Result<void> set_max_file(LogSettings& log, std::string_view value) {
  TRY(log.max_files, parse_integer<unsigned>(value));
  if (log.max_files == 0) return fail("max-file cannot be less than 1");
  return {};
}

}  // namespace

Result<void> add_attached_stream(RunDraft& draft, std::string_view value) {
  std::string name(value);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  auto& request = draft.request;
  if (name == "stdin") {
    request.attach_input = true;
  } else if (name == "stdout") {
    request.attach_output = true;
  } else if (name == "stderr") {
    request.attach_error = true;
  } else {
    return fail("valid streams are STDIN, STDOUT and STDERR");
  }
  return {};
}

Result<void> set_cid_file(RunDraft& draft, std::string_view value) {
  if (value.empty()) return fail("empty file name");
  TRY(draft.request.cid_file, absolute_path(value));
  return {};
}

Result<void> set_detach_keys(RunDraft& draft, std::string_view value) {
  TRY(draft.request.detach_keys, runtime::attach::keys_from_text(std::string(value)));
  return {};
}

Result<void> set_log_driver(RunDraft& draft, std::string_view value) {
  if (value != "json-file" && value != "none") {
    return Failure(Error{"unknown log driver", 0, "there are json-file and none", 0});
  }
  log_of(draft).driver = value;
  return {};
}

Result<void> add_log_option(RunDraft& draft, std::string_view value) {
  const std::size_t equals = value.find('=');
  const std::string_view key = value.substr(0, equals);
  const std::string_view text =
      equals == value.npos ? std::string_view() : value.substr(equals + 1);
  LogSettings& log = log_of(draft);
  if (key == "max-size") {
    TRY_VOID(set_max_size(log, text));
  } else if (key == "max-file") {
    TRY_VOID(set_max_file(log, text));
  } else if (std::ranges::find(kKeptLogOptions, key) == kKeptLogOptions.end()) {
    return fail("unknown log opt '{}' for json-file log driver", key);
  }
  log.options[std::string(key)] = text;
  return {};
}

Result<void> set_restart(RunDraft& draft, std::string_view value) {
  TRY(draft.request.restart, parse_restart_policy(value));
  return {};
}

Result<void> set_stop_timeout(RunDraft& draft, std::string_view value) {
  TRY(draft.request.stop_timeout, parse_integer<int>(value));
  return {};
}

Result<void> check_lifecycle(const RunDraft& draft) {
  const auto& request = draft.request;
  const bool restarts = request.restart.kind != runtime::state::RestartKind::kNo;
  if (request.remove && restarts) return fail("conflicting options: --restart and --rm");
  const bool attaches = request.attach_input || request.attach_output || request.attach_error;
  if (request.detach && attaches) return fail("conflicting options: -a and -d");
  if (request.log && request.log->driver == "none" && !request.log->options.empty()) {
    return fail("the log driver none has no options");
  }
  return {};
}

}  // namespace mycontainer::cmd::options
