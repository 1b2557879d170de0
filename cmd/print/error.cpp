#include "cmd/print/error.h"

#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

// Controls in two bytes (C1) and marks of direction drive a terminal, too.
std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    const std::string_view bytes = text.substr(0, rune.length);
    const auto code = static_cast<unsigned char>(bytes.front());
    if (code < 0x20 || code == 0x7f || !rune.valid) {
      line += fmt::format("\\x{:02x}", code);
    } else {
      line += is_printable(rune.value) ? std::string(bytes) : visible(bytes);
    }
    text.remove_prefix(rune.length);
  }
  return line;
}

}  // namespace

std::string error_text(std::string_view verb, const Error& error) {
  std::string text = "mycontainer: ";
  if (!verb.empty()) text += fmt::format("{}: ", verb);
  text += one_line(error.message());
  text += '\n';
  if (!error.hint.empty()) text += fmt::format("hint: {}\n", one_line(error.hint));
  return text;
}

}  // namespace mycontainer::cmd::print
