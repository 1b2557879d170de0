// The words of a Dockerfile instruction: quotes, escapes and variables, as BuildKit's shell lexer
// reads them. Private to rootfs/image; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::image {

// Separated by blanks that stand neither in quotes nor after a backslash. Quotes and backslashes
// are still there afterwards: expand() takes them away.
std::vector<std::string> split_words(std::string_view text);

// Without its quotes and escapes, and with the values of `env` ("NAME=value") for $NAME, ${NAME},
// ${NAME:-word} and ${NAME:+word} where no single quotes stand around them. A variable that `env`
// does not have is empty.
Result<std::string> expand(std::string_view word, const std::vector<std::string>& env);

// ["a", "b"]: the exec form of an instruction. Nothing when the text is none (it is the shell form
// then, as with Docker).
std::optional<std::vector<std::string>> exec_form(std::string_view text);

std::string_view trim(std::string_view text);

}  // namespace mycontainer::rootfs::image
