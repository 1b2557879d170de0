// What the option tables and the parsers of the OCI verbs share. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cmd/options/option.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::oci {

template <class Member>
struct OwnerOf;
template <class Class, class Type>
struct OwnerOf<Type Class::*> {
  using type = Class;
};

// Functions for the rows of option tables, each for one member of the structure that is filled.
template <auto Member>
Result<void> set_flag(typename OwnerOf<decltype(Member)>::type& target, std::string_view value) {
  TRY(target.*Member, options::parse_bool(value));
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
inline constexpr options::Apply apply = &options::apply_to<Target, Function>;

template <auto Member>
inline constexpr options::Apply flag =
    apply<typename OwnerOf<decltype(Member)>::type, set_flag<Member>>;
template <auto Member>
inline constexpr options::Apply text =
    apply<typename OwnerOf<decltype(Member)>::type, set_text<Member>>;
template <auto Member>
inline constexpr options::Apply texts =
    apply<typename OwnerOf<decltype(Member)>::type, add_text<Member>>;

// The words that are no options. runc wants all options before the first of them, crun takes them
// after it, too: so do we, where no word can belong to a program in the container.
using Words = std::vector<std::string>;
Result<Words> parse_anywhere(options::OptionTable table, void* target,
                             options::Arguments arguments);

// For --preserve-fds.
Result<int> parse_descriptor_count(std::string_view text);

// The container's id, when it is the only word.
Result<std::string> only_id(const Words& words);

}  // namespace mycontainer::cmd::oci
