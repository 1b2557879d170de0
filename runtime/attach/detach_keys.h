// The keys by which who is attached leaves. Client side.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace mycontainer::runtime::attach {

// Finds the sequence in what is typed, however it was cut into reads. While the keys so far are the
// beginning of it they are held back; when the next one does not go on they are passed on.
class DetachKeys {
 public:
  explicit DetachKeys(std::string keys) : keys_(std::move(keys)) {}

  // Appends to `out` what is to be passed on. True: the sequence is complete, and what was typed
  // after it is dropped.
  bool take(std::string_view typed, std::string& out);
  // What is held back, at the end of the input.
  std::string rest() { return std::exchange(held_, {}); }

 private:
  std::string keys_, held_;
};

}  // namespace mycontainer::runtime::attach
