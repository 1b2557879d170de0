// The probe: a static program that the integration tests run inside a container. It says what it
// sees there (show.cpp) or does what it is told (act.cpp, attempt.cpp); it judges nothing.
#pragma once

#include <span>
#include <string>

namespace mycontainer::probe {

using Args = std::span<char* const>;  // the words after the verb

// `show [KEY...]`: one "key=value" line per fact about this process; all of them without KEY.
int show(Args keys);

// `exit N`: ends with that status.
int act_exit(Args args);
// `crash`: dies of a segmentation fault (a signal that PID 1 cannot ignore).
int act_crash(Args args);
// `allocate MIB`: touches that much memory and says so.
int act_allocate(Args args);
// `fork N`: has up to N children at once and says how many it got.
int act_fork(Args args);
// `catch SIGNAL...`: says "ready", then "caught N" for each; SIGTERM ends it with status 7.
int act_catch(Args args);
// `orphan`: leaves an orphan that ends at once and counts the zombies seen after that.
int act_orphan(Args args);
// `loopback`: one TCP connection over 127.0.0.1.
int act_loopback(Args args);

// `overwrite SECONDS`: holds the executables of the processes it sees and writes to them as soon as
// the kernel lets it, as in CVE-2019-5736; says how many it held and how often it wrote.
int act_overwrite(Args args);

// `attempt NAME...`: tries privileged operations and prints "name=ok" or "name=ERRNO".
int attempt(Args names);
// `write FILE TEXT`: opens for writing, without creating, and prints "write=ok" or "write=ERRNO".
int attempt_write(Args args);

// `call CONVENTION:NUMBER[,ARGUMENT]...`: makes each system call as programs of "native", "x32" or
// "i386" do, in a process of its own, and prints "CONVENTION:NUMBER=ok", "...=ERRNO" or
// "...=signal N".
int call(Args calls);

// `serve tcp|udp:[ADDRESS:]PORT...`: says "ready" and then tells whoever connects or sends a datagram, by IPv4
// or IPv6, "name=" (its host name) and "peer=" (the address it sees him come from).
int serve(Args ports);
// `ask tcp|udp|icmp ADDRESS PORT [MILLISECONDS]`: prints "ask=ok" and the server's answer, or
// "ask=ERRNO" when there was none in that time (3000). ADDRESS is a number, not a name. "icmp" asks for an
// echo, as whoever net.ipv4.ping_group_range allows it.
int ask(Args args);

// `without-netfilter COMMAND...`: runs it where, so far as it can see, the kernel has no nf_tables.
int without_netfilter(Args command);

// The symbolic name of errno's value; "ok" for 0.
std::string outcome(int error);

}  // namespace mycontainer::probe
