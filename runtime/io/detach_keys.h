// Finds the keys by which a user leaves a terminal (--detach-keys) in what is typed, however it was
// cut into reads. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace mycontainer::runtime::io {

// While the keys so far are the beginning of the sequence they are held back; when the next one does
// not go on they are passed on.
class DetachKeys {
 public:
  // The bytes of the keys; empty: none are looked for.
  explicit DetachKeys(std::string keys) : keys_(std::move(keys)) {}

  // Appends to `out` what is to be passed on. True: the sequence is complete, and what was typed
  // after it is dropped.
  bool take(std::string_view typed, std::string& out);
  // take() has returned true.
  [[nodiscard]] bool complete() const { return !keys_.empty() && held_ == keys_; }
  // What is held back, at the end of the input.
  std::string rest() { return std::exchange(held_, {}); }

 private:
  std::string keys_, held_;
};

}  // namespace mycontainer::runtime::io
