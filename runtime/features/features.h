// What this runtime knows, for engines that ask before they use it. Parent.
//
// Source: OCI runtime-spec, features.md and features-linux.md. It says what the program was built
// to do, not what this machine offers. Every list is made from the table that the code itself uses.
#pragma once

#include <string>
#include <string_view>

namespace mycontainer::runtime::features {

// The features document as JSON, indented by two spaces, without a newline at its end. `version`
// and `commit` are the program's.
std::string document(std::string_view version, std::string_view commit);

}  // namespace mycontainer::runtime::features
