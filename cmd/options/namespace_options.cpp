#include "cmd/options/namespace_options.h"

namespace mycontainer::cmd::options {

using runtime::engine::UsernsMode;

Result<void> set_pid(RunDraft& draft, std::string_view value) {
  if (!value.empty() && value != "host") return fail("invalid PID mode: there is \"host\"");
  draft.request.host_pid = value == "host";
  return {};
}

Result<void> set_ipc(RunDraft& draft, std::string_view value) {
  if (!value.empty() && value != "host" && value != "private") {
    return fail("invalid IPC mode: there are \"host\" and \"private\"");
  }
  draft.request.host_ipc = value == "host";
  return {};
}

Result<void> set_uts(RunDraft& draft, std::string_view value) {
  if (!value.empty() && value != "host") return fail("invalid UTS mode: there is \"host\"");
  draft.request.host_uts = value == "host";
  return {};
}

Result<void> set_userns(RunDraft& draft, std::string_view value) {
  if (!value.empty() && value != "host" && value != "auto") {
    return fail("invalid USER mode: there are \"host\" and \"auto\"");
  }
  draft.request.userns = value == "auto" ? UsernsMode::kAuto : UsernsMode::kHost;
  return {};
}

}  // namespace mycontainer::cmd::options
