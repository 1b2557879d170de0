// What this program was built from, fixed when the build was configured.
#pragma once

namespace mycontainer::cmd {

extern const char* const kVersion;  // "0.1.0"
extern const char* const kCommit;   // "1a2b3c4", or "unknown" outside of a git checkout

}  // namespace mycontainer::cmd
