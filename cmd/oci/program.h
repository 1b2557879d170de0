// The OCI runtime command line: `mycontainer oci ...` and `mycontainer-oci ...`, understood as runc
// and crun understand theirs.
//
// Exit codes are runc's: 1 for an error, 255 for one of exec, else the program's own.
#pragma once

#include <string_view>

#include "cmd/oci/verb.h"
#include "cmd/options/option.h"

namespace mycontainer::cmd::oci {

inline constexpr std::string_view kProgramName = "mycontainer-oci";

// The whole command line, argv[0] first, when that is the OCI runtime's name or a path of it.
bool is_oci_program(options::Arguments words);

// `arguments` follow the program's name, or the word "oci". To be called before anything is opened,
// because --preserve-fds means what was open when the program began.
int run_program(options::Arguments arguments, const Build& build);

}  // namespace mycontainer::cmd::oci
