#include "cmd/print/error.h"

namespace mycontainer::cmd::print {
namespace {

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) {
      line += fmt::format("\\x{:02x}", code);
    } else {
      line += c;
    }
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
