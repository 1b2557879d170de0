#include "runtime/io/detach_keys.h"

#include <algorithm>

namespace mycontainer::runtime::io {

std::size_t DetachKeys::filter(char* bytes, std::size_t size) {
  if (keys_.empty()) return size;
  std::string passed;
  passed.reserve(size + held_);
  for (std::size_t i = 0; i < size && !typed(); ++i) take(bytes[i], passed);
  std::ranges::copy(passed, bytes);
  return passed.size();
}

// What was held back and this key: their longest end that begins the sequence is held back now.
void DetachKeys::take(char key, std::string& passed) {
  std::string pending = keys_.substr(0, held_) + key;
  while (!keys_.starts_with(pending)) {
    passed += pending.front();
    pending.erase(0, 1);
  }
  held_ = pending.size();
}

}  // namespace mycontainer::runtime::io
