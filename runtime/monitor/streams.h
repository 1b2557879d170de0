// The monitor's ends of a container's standard streams: pipes, or the master of its terminal. All of
// them non-blocking.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::monitor {

class Streams {
 public:
  // Without a terminal: pipes for 1 and 2, and for 0 when `interactive`, else /dev/null. With one:
  // /dev/null, until the child has made its terminal.
  static Result<Streams> make(bool terminal, bool interactive);

  [[nodiscard]] std::array<int, 3> child_streams() const { return child_streams_; }
  void close_child_streams();
  // The master end of the container's terminal.
  Result<void> adopt_console(UniqueFd master);

  // The two outputs (1 and 2) to poll for reading; -1 when it has ended or there is none. A terminal's
  // output is 1.
  [[nodiscard]] int output_fd(int stream) const;
  // What is there now, at most `buffer`; empty when there is nothing yet. At the end of the
  // stream its output_fd becomes -1.
  std::string_view read(int stream, std::span<char> buffer);
  // How much lies in it: after the container's end, who still holds it open is not read for ever.
  [[nodiscard]] std::size_t pending(int stream) const;

  // The input to poll for writing; -1 without one.
  [[nodiscard]] int input_fd() const;
  // How many bytes it took; 0 when it is full. Bytes for an input that nobody reads are taken.
  std::size_t write(std::string_view bytes);
  void close_input();  // of a pipe; a terminal's end of input is a byte
  void resize(std::uint16_t rows, std::uint16_t columns) const;

 private:
  Streams() = default;
  std::array<int, 3> child_streams_{-1, -1, -1};
  std::array<UniqueFd, 3> child_ends_;
  UniqueFd input_, output_, error_;
  UniqueFd master_;
  // Held open so that the master does not report a hang-up while the container has closed its side.
  UniqueFd slave_;
};

}  // namespace mycontainer::runtime::monitor
