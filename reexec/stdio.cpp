#include "reexec/stdio.h"

namespace mycontainer::reexec {

Stdio Stdio::fd(int borrowed) {
  Stdio choice(Kind::kFd);
  choice.borrowed_ = borrowed;
  return choice;
}

Stdio Stdio::fd(UniqueFd owned) {
  Stdio choice(Kind::kFd);
  choice.owned_ = std::move(owned);
  return choice;
}

Stdio Stdio::file(std::string path, int flags, mode_t mode) {
  Stdio choice(Kind::kFile);
  choice.text_ = std::move(path);
  choice.flags_ = flags;
  choice.mode_ = mode;
  return choice;
}

Stdio Stdio::bytes(std::string text) {
  Stdio choice(Kind::kBytes);
  choice.text_ = std::move(text);
  return choice;
}

}  // namespace mycontainer::reexec
