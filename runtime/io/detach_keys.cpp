#include "runtime/io/detach_keys.h"

namespace mycontainer::runtime::io {

bool DetachKeys::take(std::string_view typed, std::string& out) {
  if (keys_.empty()) {
    out += typed;
    return false;
  }
  for (const char key : typed) {
    if (complete()) break;
    held_ += key;
    while (!keys_.starts_with(held_)) {
      out += held_.front();
      held_.erase(0, 1);
    }
  }
  return complete();
}

}  // namespace mycontainer::runtime::io
