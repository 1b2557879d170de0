#include "runtime/init/program.h"

#include <linux/close_range.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/init/exec_diagnosis.h"

namespace mycontainer::runtime::init {

namespace {

std::string_view path_of(const std::vector<std::string>& env) {
  constexpr std::string_view kName = "PATH=";
  for (const std::string& entry : env) {
    if (entry.starts_with(kName)) return std::string_view(entry).substr(kName.size());
  }
  return {};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

}  // namespace

Error become_program(const InitPlan& plan) {
  if (plan.args.empty()) return Error{"no program to run", 0, {}, 127};
  auto path = resolve_in_path(plan.args.front(), path_of(plan.env));
  if (!path) return std::move(path).error();
  const std::vector<char*> args = pointers(plan.args);
  const std::vector<char*> env = pointers(plan.env);
  // All of ours are close-on-exec already; this is the net under the rope (CVE-2024-21626).
  sys::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execve(path->c_str(), args.data(), env.data());
  return diagnose_exec(*path, errno);
}

}  // namespace mycontainer::runtime::init
