// What the option tables and the parsers of the OCI verbs share. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/options/members.h"

namespace mycontainer::cmd::oci {

using options::add_text;
using options::apply;
using options::flag;
using options::set_flag;
using options::set_text;
using options::text;
using options::texts;

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
