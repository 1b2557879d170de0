#include "cmd/oci/words.h"

#include "cmd/options/parse.h"

namespace mycontainer::cmd::oci {

Result<Words> parse_anywhere(options::OptionTable table, void* target,
                             options::Arguments arguments) {
  Words words;
  while (true) {
    TRY(arguments, options::parse(table, target, arguments));
    if (arguments.empty()) return words;
    words.emplace_back(arguments.front());
    arguments = arguments.subspan(1);
  }
}

Result<int> parse_descriptor_count(std::string_view text) {
  TRY(const int count, options::parse_integer<int>(text));
  if (count < 0) return fail("not a number of descriptors");
  return count;
}

Result<std::string> only_id(const Words& words) {
  if (words.empty()) return fail("the container's id is missing");
  if (words.size() > 1) return fail("too many arguments after the container's id: {}", words[1]);
  return words.front();
}

}  // namespace mycontainer::cmd::oci
