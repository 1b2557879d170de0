#include "cmd/confirm.h"

#include <unistd.h>

#include <string>

#include "cmd/verb.h"

namespace mycontainer::cmd {

Result<bool> is_confirmed(std::string_view warning) {
  TRY_VOID(say(std::string(warning) + "Are you sure you want to continue? [y/N] "));
  std::string line;
  char c = 0;
  while (::read(STDIN_FILENO, &c, 1) == 1 && c != '\n') line += c;
  return line == "y" || line == "Y";
}

}  // namespace mycontainer::cmd
