// A container's log as Docker's json-file: one JSON object a line, {"log":"hello\n","stream":
// "stdout","time":"2026-11-20T16:35:59.123456789Z"}. Monitor side.
//
// The file of the moment is log.json, older ones log.json.1 (the youngest) and so on. A line
// longer than 16 KiB becomes several records, of which only the last one's text ends in a newline.
// Everything write() was given is in the file when it returns, but an unfinished line, which
// flush() writes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::log {

inline constexpr const char* kLogName = "log.json";
inline constexpr std::size_t kLongestRecord = 16 << 10;

class Writer {
 public:
  // `directory`: the container's, as a descriptor. A torn last line (our monitor was killed, the
  // disk was full) is cut off. With the driver "none" nothing is ever written.
  static Result<Writer> open(int directory, const state::LogSettings& settings);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  // `stream`: 1 or 2. Never fails: a record that cannot be written (ENOSPC) is counted and left out
  // whole, and when writing works again a record on stderr tells how many are missing.
  void write(int stream, std::string_view bytes, state::Nanoseconds time);
  // The container has ended: what is left of unfinished lines.
  void flush(state::Nanoseconds time);
  // Nothing has come for a while: keeps no memory that only speed asks for.
  void rest();
  // Records left out since open().
  [[nodiscard]] std::uint64_t lost() const;

 private:
  struct Impl;
  explicit Writer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mycontainer::runtime::log
