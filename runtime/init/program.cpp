#include "runtime/init/program.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <vector>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/init/exec_diagnosis.h"

namespace mycontainer::runtime::init {

namespace {

constexpr int kFirstPreserved = 3;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

Result<UniqueFd> moved_above(const UniqueFd& fd, int lowest) {
  UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, lowest));
  if (!moved) return fail_errno("move a descriptor out of the way");
  return moved;
}

// What is still needed moves out of the way of 3, 4, ..., which then become the preserved ones.
Result<void> place_preserved(Context& context) {
  const auto& indexes = context.plan.given.preserved;
  if (indexes.empty()) return {};
  const int above = kFirstPreserved + static_cast<int>(indexes.size());
  UniqueFd channel = context.channel.take();
  if (channel) {
    TRY(channel, moved_above(channel, above));
    context.channel = reexec::Channel(std::move(channel));
  }
  for (UniqueFd* needed : {&context.failure_file, &context.start_fifo}) {
    if (*needed) {
      TRY(*needed, moved_above(*needed, above));
    }
  }
  std::vector<UniqueFd> sources;
  for (const std::int32_t index : indexes) {
    TRY(const UniqueFd given, take_given(context, index));
    TRY(UniqueFd source, moved_above(given, above));
    sources.push_back(std::move(source));
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const int target = kFirstPreserved + static_cast<int>(i);
    if (::dup2(sources[i].get(), target) < 0) return fail_errno("preserve descriptor {}", target);
  }
  return {};
}

}  // namespace

Error become_program(Context& context) {
  const InitPlan& plan = context.plan;
  const std::vector<char*> args = pointers(plan.args);
  std::vector<char*> env = pointers(plan.env);
  if (!context.home.empty()) env.insert(env.begin(), context.home.data());
  // All of ours are close-on-exec already; this is the net under the rope (CVE-2024-21626).
  sys::close_range(kFirstPreserved, ~0U, CLOSE_RANGE_CLOEXEC);
  if (auto placed = place_preserved(context); !placed) return std::move(placed).error();
  ::execve(context.program.c_str(), args.data(), env.data());
  return diagnose_exec(context.program, errno);
}

}  // namespace mycontainer::runtime::init
