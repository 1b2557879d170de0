#include "cmd/options/health_options.h"

#include <string>

#include "cmd/options/duration.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::options {

namespace {

using runtime::state::HealthCheck;
using runtime::state::Nanoseconds;

template <Nanoseconds HealthCheck::*Member>
Result<void> set_time(RunDraft& draft, std::string_view value) {
  constexpr Nanoseconds kLeast = 1'000'000;
  TRY(const Nanoseconds time, parse_duration(value));
  if (time != 0 && time < kLeast) return fail("cannot be less than 1ms");
  draft.request.health_check.*Member = time;
  return {};
}

bool is_set(const HealthCheck& check) {
  return !check.test.empty() || check.interval != 0 || check.timeout != 0 ||
         check.start_period != 0 || check.start_interval != 0 || check.retries != 0;
}

}  // namespace

Result<void> set_health_command(RunDraft& draft, std::string_view value) {
  draft.request.health_check.test.clear();
  if (!value.empty()) draft.request.health_check.test = {"CMD-SHELL", std::string(value)};
  return {};
}

Result<void> set_health_interval(RunDraft& draft, std::string_view value) {
  return set_time<&HealthCheck::interval>(draft, value);
}
Result<void> set_health_timeout(RunDraft& draft, std::string_view value) {
  return set_time<&HealthCheck::timeout>(draft, value);
}
Result<void> set_health_start_period(RunDraft& draft, std::string_view value) {
  return set_time<&HealthCheck::start_period>(draft, value);
}
Result<void> set_health_start_interval(RunDraft& draft, std::string_view value) {
  return set_time<&HealthCheck::start_interval>(draft, value);
}

Result<void> set_health_retries(RunDraft& draft, std::string_view value) {
  TRY(const int retries, parse_integer<int>(value));
  if (retries < 0) return fail("cannot be negative");
  draft.request.health_check.retries = retries;
  return {};
}

Result<void> set_no_healthcheck(RunDraft& draft, std::string_view value) {
  TRY(draft.no_healthcheck, parse_bool(value));
  return {};
}

Result<void> finish_health(RunDraft& draft) {
  if (!draft.no_healthcheck) return {};
  if (is_set(draft.request.health_check)) {
    return fail("--no-healthcheck conflicts with --health-* options");
  }
  draft.request.health_check.test = {"NONE"};
  return {};
}

}  // namespace mycontainer::cmd::options
