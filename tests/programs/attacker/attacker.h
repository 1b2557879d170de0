// The attacker: a static program that the safety tests run inside a container, or beside one on a
// volume that both can write. It tries what CVEs of OCI runtimes tried, and says how far it came.
#pragma once

#include <span>

namespace mycontainer::attacker {

using Args = std::span<char* const>;  // the words after the verb

// `exchange A B`: swaps the two names for ever (renameat2(2) with RENAME_EXCHANGE).
int exchange(Args args);
// `spy FILE SECONDS`: says "ready", then looks through the descriptors, working directory and root
// of every process that comes, for the host's FILE (an absolute path). Prints "processes=N" and
// "hits=N", and a line for each hit.
int spy(Args args);
// `stop SECONDS`: sends SIGSTOP and then SIGCONT to every process that comes.
int stop(Args args);
// `keep-key NAME PROGRAM ARG...`: runs the program with a key of that name in its session keyring.
int keep_key(Args args);
// `find-key NAME`: prints "key=found" or "key=none".
int find_key(Args args);
// `leave-leader SECONDS`: the first thread ends, another one says "alive" and sleeps.
int leave_leader(Args args);
// `leak PROGRAM ARG...`: runs the program with 50 more descriptors: of "/", of cgroups.
int leak(Args args);

}  // namespace mycontainer::attacker
