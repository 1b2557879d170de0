// Compiled seccomp filters kept on disk by content. Parent.
//
// <directory>/<hash of the profile>, made of the whole profile in a canonical form, then the
// program. A hit compares the whole profile, so nothing depends on the hash, and checks the
// program. A file that is damaged, of another format or generator, or not a plain file of ours that
// only we can write is compiled anew and replaced. The directory has mode 0700 and files are
// written without a name and linked when whole (O_TMPFILE), so readers never wait and never see
// half a file. When the directory cannot be used, everything still works, uncached. Nothing here is
// synced: a file torn by a power cut is recognised and made again.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::security {

// The program for `seccomp`, from `directory` (its parent must exist) or compiled. The errors are
// compile_seccomp()'s.
Result<std::string> compiled_seccomp(const oci::Seccomp& seccomp, const std::string& directory);

}  // namespace mycontainer::runtime::security
