// Looks at every string in a plan, by the fields() that the channel's codec uses.
#pragma once

#include <string>
#include <tuple>

#include "reexec/wire.h"

namespace mycontainer::fuzz {

// A NUL byte in any string of `value`: the kernel would see less than what was checked.
template <class T>
bool holds_nul(const T& value) {
  using namespace reexec::wire;
  if constexpr (std::is_same_v<T, std::string>) {
    return value.find('\0') != std::string::npos;
  } else if constexpr (IsVector<T>::value || IsMap<T>::value) {
    for (const auto& element : value)
      if (holds_nul(element)) return true;
    return false;
  } else if constexpr (IsOptional<T>::value) {
    return value && holds_nul(*value);
  } else if constexpr (IsTuple<T>::value) {
    return std::apply([](const auto&... part) { return (holds_nul(part) || ...); }, value);
  } else if constexpr (HasFields<T>) {
    return std::apply([](const auto&... member) { return (holds_nul(member) || ...); },
                      T::fields(value));
  } else {
    return false;
  }
}

}  // namespace mycontainer::fuzz
