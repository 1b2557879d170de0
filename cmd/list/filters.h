// --filter as Docker's lists take it: "name=value", several of one name. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::list {

using Filters = std::map<std::string, std::vector<std::string>>;

// "bad format of filter (expected name=value)". Names in any case, as Docker reads them.
Result<void> add_filter(Filters& filters, std::string_view typed);

// "invalid filter 'x'" for a name that is not among `known`.
Result<void> check_filters(const Filters& filters, std::span<const std::string_view> known);

// The values of one filter; none when it was not given.
std::span<const std::string> values_of(const Filters& filters, const std::string& name);

// Whether any value of the filter is the text, or a regular expression (POSIX's extended) that
// occurs in it; true when the filter was not given.
bool matches_pattern(const Filters& filters, const std::string& name, const std::string& text);

// Whether any value is the text.
bool matches_exactly(const Filters& filters, const std::string& name, std::string_view text);

// Whether all of the values "key" and "key=value" are among the labels.
bool matches_labels(std::span<const std::string> wanted,
                    const std::map<std::string, std::string>& labels);

}  // namespace mycontainer::cmd::list
