// OpenSSL, made ready on first use. Any process.
#pragma once

namespace mycontainer::rootfs::content {

// To be called before any other function of OpenSSL; cheap when repeated. Nothing of it may run
// before: cmd/start leaves the library's own start-up code out, which asks the processor what it
// can do (each question traps in a virtual machine, and `run` starts this program twice). No
// configuration file is read and no module loaded.
void prepare_crypto();

}  // namespace mycontainer::rootfs::content
