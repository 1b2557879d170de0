// A bounded, checked binary form of plain values, for messages between two copies of one program.
// Either side may use it.
//
// It knows bool, integers, floating point, enums, std::string, array, vector, map, optional, pair,
// tuple, and every struct that lists its members:
//
//   struct Point {
//     int x = 0, y = 0;
//     template <class Self> static auto fields(Self& self) { return std::tie(self.x, self.y); }
//   };
//
// Numbers have their native size and order: both ends are the same binary. Bytes that are not such
// a value (truncated, trailing, a count larger than what follows, a bool of 7, deeper than
// kMaxDepth) give an Error with EBADMSG; nothing is allocated for elements that are not there.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::reexec {

namespace wire {

inline constexpr int kMaxDepth = 64;

template <class T>
concept HasFields = requires(T& value) {
  T::fields(value);
};

template <class T>
struct IsVector : std::false_type {};
template <class T, class A>
struct IsVector<std::vector<T, A>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class K, class V, class C, class A>
struct IsMap<std::map<K, V, C, A>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsTuple : std::false_type {};
template <class... T>
struct IsTuple<std::tuple<T...>> : std::true_type {};
template <class A, class B>
struct IsTuple<std::pair<A, B>> : std::true_type {};
template <class T, std::size_t N>
struct IsTuple<std::array<T, N>> : std::true_type {};
template <class T>
struct Unsupported : std::false_type {};

// The members of an Error, which is declared below this layer.
template <class Self>
auto error_fields(Self& self) {
  return std::tie(self.operation, self.code, self.hint, self.exit_status);
}

inline void put_bytes(std::string& out, const void* data, std::size_t size) {
  out.append(static_cast<const char*>(data), size);
}
inline void put_count(std::string& out, std::size_t count) {
  const std::uint64_t value = count;
  put_bytes(out, &value, sizeof value);
}

template <class T>
void put(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    out.push_back(value ? '\1' : '\0');
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    put_bytes(out, &value, sizeof value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    put_count(out, value.size());
    out.append(value);
  } else if constexpr (IsVector<T>::value || IsMap<T>::value) {
    put_count(out, value.size());
    for (const auto& element : value) put<typename T::value_type>(out, element);
  } else if constexpr (IsOptional<T>::value) {
    put(out, value.has_value());
    if (value) put(out, *value);
  } else if constexpr (IsTuple<T>::value) {
    // One byte per tuple, so that no value is without a length and counts stay bounded.
    out.push_back('\0');
    std::apply([&](const auto&... element) { (put(out, element), ...); }, value);
  } else if constexpr (std::is_same_v<T, Error>) {
    std::apply([&](const auto&... member) { (put(out, member), ...); }, error_fields(value));
  } else if constexpr (HasFields<T>) {
    out.push_back('\0');
    std::apply([&](const auto&... member) { (put(out, member), ...); }, T::fields(value));
  } else {
    static_assert(Unsupported<T>::value, "this type needs a fields() function to be encoded");
  }
}

// What is left to decode, and how deep we are.
struct Input {
  std::string_view rest;
  int depth = 0;
};

inline bool take_bytes(Input& in, void* data, std::size_t size) {
  if (in.rest.size() < size) return false;
  std::memcpy(data, in.rest.data(), size);
  in.rest.remove_prefix(size);
  return true;
}

// Every element takes at least one byte, so a count above the bytes that are left is a lie.
inline bool take_count(Input& in, std::uint64_t& count) {
  return take_bytes(in, &count, sizeof count) && count <= in.rest.size();
}
inline bool take_flag(Input& in, bool& flag, char highest) {
  char byte = 0;
  if (!take_bytes(in, &byte, 1) || byte < 0 || byte > highest) return false;
  flag = byte != 0;
  return true;
}

template <class T>
bool take(Input& in, T& value);

template <class T>
bool take_vector(Input& in, T& value) {
  std::uint64_t count = 0;
  if (!take_count(in, count)) return false;
  value.clear();
  for (; count > 0; --count) {
    typename T::value_type element{};
    if (!take(in, element)) return false;
    value.push_back(std::move(element));
  }
  return true;
}

template <class T>
bool take_map(Input& in, T& value) {
  std::uint64_t count = 0;
  if (!take_count(in, count)) return false;
  value.clear();
  for (; count > 0; --count) {
    std::pair<typename T::key_type, typename T::mapped_type> element{};
    if (!take(in, element)) return false;
    if (!value.insert(std::move(element)).second) return false;  // a key twice
  }
  return true;
}

inline bool take_string(Input& in, std::string& value) {
  std::uint64_t count = 0;
  if (!take_count(in, count)) return false;
  value.assign(in.rest.substr(0, count));
  in.rest.remove_prefix(count);
  return true;
}

template <class T>
bool take_optional(Input& in, T& value) {
  bool present = false;
  if (!take_flag(in, present, 1)) return false;
  if (!present) return value.reset(), true;
  return take(in, value.emplace());
}

template <class Members>
bool take_members(Input& in, Members&& members) {
  return std::apply([&](auto&... member) { return (take(in, member) && ...); }, members);
}

template <class T>
bool take_compound(Input& in, T& value) {
  bool marker = false;
  if constexpr (IsVector<T>::value) {
    return take_vector(in, value);
  } else if constexpr (IsMap<T>::value) {
    return take_map(in, value);
  } else if constexpr (IsOptional<T>::value) {
    return take_optional(in, value);
  } else if constexpr (IsTuple<T>::value) {
    return take_flag(in, marker, 0) && take_members(in, value);
  } else if constexpr (std::is_same_v<T, Error>) {
    return take_members(in, error_fields(value));
  } else {
    return take_flag(in, marker, 0) && take_members(in, T::fields(value));
  }
}

template <class T>
bool take(Input& in, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return take_flag(in, value, 1);
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    return take_bytes(in, &value, sizeof value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return take_string(in, value);
  } else {
    if (++in.depth > kMaxDepth) return false;  // a recursive type and bytes that dig on for ever
    const bool taken = take_compound(in, value);
    --in.depth;
    return taken;
  }
}

}  // namespace wire

// The bytes of a value. Cannot fail.
template <class T>
std::string encode(const T& value) {
  std::string bytes;
  wire::put(bytes, value);
  return bytes;
}

// The value of bytes that encode<T>() made; EBADMSG for all others.
template <class T>
Result<T> decode(std::string_view bytes) {
  T value{};
  wire::Input in{bytes};
  if (!wire::take(in, value)) {
    return fail_code(EBADMSG, "decode {} bytes: malformed after {}", bytes.size(),
                     bytes.size() - in.rest.size());
  }
  if (!in.rest.empty()) {
    return fail_code(EBADMSG, "decode {} bytes: {} too many", bytes.size(), in.rest.size());
  }
  return value;
}

}  // namespace mycontainer::reexec
