// Functions for the rows of option tables, each for one member of the structure that is filled:
// Option{"force", 'f', "", "Do it", flag<&Typed::force>}. Pure.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cmd/options/option.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::options {

template <class Member>
struct OwnerOf;
template <class Class, class Type>
struct OwnerOf<Type Class::*> {
  using type = Class;
};

template <auto Member>
Result<void> set_flag(typename OwnerOf<decltype(Member)>::type& target, std::string_view value) {
  TRY(target.*Member, parse_bool(value));
  return {};
}

template <auto Member>
Result<void> set_text(typename OwnerOf<decltype(Member)>::type& target, std::string_view value) {
  target.*Member = std::string(value);
  return {};
}

template <auto Member>
Result<void> add_text(typename OwnerOf<decltype(Member)>::type& target, std::string_view value) {
  (target.*Member).emplace_back(value);
  return {};
}

template <class Target, Result<void> (*Function)(Target&, std::string_view)>
inline constexpr Apply apply = &apply_to<Target, Function>;

template <auto Member>
inline constexpr Apply flag = apply<typename OwnerOf<decltype(Member)>::type, set_flag<Member>>;
template <auto Member>
inline constexpr Apply text = apply<typename OwnerOf<decltype(Member)>::type, set_text<Member>>;
template <auto Member>
inline constexpr Apply texts = apply<typename OwnerOf<decltype(Member)>::type, add_text<Member>>;

}  // namespace mycontainer::cmd::options
