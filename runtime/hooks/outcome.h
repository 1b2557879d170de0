// What a running hook writes, and whether it ends in time. Either side. Internal to this folder.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::hooks {

// Empties a process's two output pipes, so that it never waits for us: standard output is thrown
// away, of standard error the last kKeptErrorBytes are kept.
class OutcomeReader {
 public:
  OutcomeReader(UniqueFd out, UniqueFd err) : out_(std::move(out)), err_(std::move(err)) {}

  // True when the process has ended, even while somebody else (a child of its) still holds a pipe;
  // false when it has not ended after `timeout`.
  Result<bool> read_until_end(const reexec::Process& process,
                              std::optional<std::chrono::seconds> timeout);

  [[nodiscard]] std::string_view text() const;

 private:
  void drain_both();

  UniqueFd out_, err_;
  std::string text_;
};

// The last line that is not blank, at most 512 bytes of it, without control characters.
std::string last_line(std::string_view text);

}  // namespace mycontainer::runtime::hooks
