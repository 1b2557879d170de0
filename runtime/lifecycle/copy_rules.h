// Where `cp` puts what: Docker's rules on paths, the same for both directions. Pure.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::lifecycle {

// `path` from "/", without "." and "..", which are resolved in the text. The last two questions
// below are asked of the path as typed: this loses the answer.
std::string clean_path(std::string_view path);
std::string parent_of(const std::string& clean);     // of "/x": "/"; of "/": "/"
std::string name_of_path(const std::string& clean);  // of "/": "."

// "dir/" and "dir/.": a directory is meant, and a link there is followed.
bool names_directory(std::string_view typed);
// "dir/.", "." and "/": its content is meant.
bool names_content(std::string_view typed);
// A link's target, seen from where the link is.
std::string follow_link(const std::string& link, const std::string& target);

struct CopySource {
  std::string name;  // of what is copied; "." when it is a directory's content
  bool is_directory = false;
};

struct CopyTarget {
  std::string path;  // clean
  bool exists = false, is_directory = false;
  bool asked_directory = false;  // names_directory() of what was typed
};

// The directory to unpack into, and the name there.
struct Placement {
  std::string directory, name;
  friend bool operator==(const Placement&, const Placement&) = default;
};

// Into a directory that exists by the source's own name; else to the target's name: a directory
// becomes a new one, a file a new or another one. Errors: a directory upon a file ("cannot copy
// directory"), a file to "missing/" ("no such directory"). Whether the parent is there shows when
// it is opened.
Result<Placement> place(const CopySource& source, const CopyTarget& target);

}  // namespace mycontainer::runtime::lifecycle
