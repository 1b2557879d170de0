#include "cmd/oci/process_facts.h"

#include <fcntl.h>

#include <ctime>
#include <string>

#include "reexec/sys/file.h"

namespace mycontainer::cmd::oci {
namespace {

Result<ProcessFacts> facts_of(pid_t pid) {
  const std::string directory = fmt::format("/proc/{}/", pid);
  TRY(const std::string stat, sys::read_file_at(AT_FDCWD, directory + "stat"));
  TRY(const std::string status, sys::read_file_at(AT_FDCWD, directory + "status"));
  TRY(const std::string cmdline, sys::read_file_at(AT_FDCWD, directory + "cmdline"));
  return read_facts(stat, status, cmdline);
}

}  // namespace

Result<std::vector<ProcessRow>> process_rows_of(std::span<const pid_t> pids) {
  std::vector<ProcessFacts> processes;
  for (const pid_t pid : pids) {
    if (auto facts = facts_of(pid)) processes.push_back(std::move(*facts));
  }
  TRY(const std::string proc_stat, sys::read_file_at(AT_FDCWD, "/proc/stat"));
  const auto passwd = sys::read_file_at(AT_FDCWD, "/etc/passwd");
  return process_rows(processes, {passwd ? *passwd : "", boot_time(proc_stat), std::time(nullptr)});
}

}  // namespace mycontainer::cmd::oci
