// What the first bytes of a file say about running it: a script, an ELF program, or neither.
// Child side, in the container's root; the file is hostile. Only for explaining a failed execve(2):
// the kernel itself has already judged.
#pragma once

#include <string>
#include <string_view>

namespace mycontainer::runtime::init {

struct ProgramFile {
  enum class Kind { kUnreadable, kScript, kElf, kOther };
  Kind kind = Kind::kUnreadable;
  // The script's "#!" interpreter or the program's loader (PT_INTERP), byte for byte; "" for none.
  std::string interpreter;
  // What is wrong with the content, as the end of a sentence: "is empty"; "" for nothing.
  std::string flaw;
};

// Reads at most some 64 KiB of `path`, which is opened only when it is a regular file, and without
// ever blocking. What cannot be read is kUnreadable.
ProgramFile inspect_program(const std::string& path);

// The same for bytes at hand (a whole file). Pure, apart from knowing this machine's architecture.
ProgramFile inspect_bytes(std::string_view bytes);

// `text` for a message: control characters as ^M, bytes beyond ASCII as \xNN.
std::string printable(std::string_view text);

}  // namespace mycontainer::runtime::init
