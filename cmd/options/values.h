// The value grammars that several options share: truth, numbers, sizes, signals. Pure.
//
// Messages name the value only; parse() puts the option's name before them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// 1, t, T, TRUE, true, True, and the same for false (Go's strconv.ParseBool).
Result<bool> parse_bool(std::string_view text);

// A whole decimal number that fits Integer; nothing before or after it.
template <class Integer>
Result<Integer> parse_integer(std::string_view text) {
  Integer value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::result_out_of_range) return fail("value out of range");
  if (status != std::errc{} || end != text.data() + text.size()) return fail("not a whole number");
  return value;
}

// Bytes: a number, perhaps with a fraction, then perhaps a unit of 1024s: b, k, m, g, t, p; kb and
// kib mean the same as k; case does not matter (docker's go-units).
Result<std::int64_t> parse_size(std::string_view text);

// "SIGTERM", "term", "15", "RTMIN+3": a number from 1 to 64.
Result<int> parse_signal(std::string_view text);

}  // namespace mycontainer::cmd::options
