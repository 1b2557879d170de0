// Finds the keys by which a user leaves a terminal (--detach-keys) among what is typed. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace mycontainer::runtime::io {

class DetachKeys {
 public:
  static constexpr std::size_t kMost = 64;  // keys of one sequence

  // The bytes of the keys; empty: none are looked for.
  explicit DetachKeys(std::string keys) : keys_(std::move(keys)) {}

  // Looks at `size` typed bytes, and leaves there what is to be passed on: without a beginning of
  // the sequence that is held back, and with one that was held back and came to nothing. There must
  // be room for kMost bytes more. Returns the new size.
  std::size_t filter(char* bytes, std::size_t size);
  // They were typed. What came after them is dropped.
  [[nodiscard]] bool typed() const { return !keys_.empty() && held_ == keys_.size(); }

 private:
  void take(char key, std::string& passed);

  std::string keys_;
  std::size_t held_ = 0;  // how many of them were typed last
};

}  // namespace mycontainer::runtime::io
