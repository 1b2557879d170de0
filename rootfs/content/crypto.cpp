#include "rootfs/content/crypto.h"

#include <openssl/crypto.h>

#include <mutex>

// Asks the processor what it can do (SHA and AES instructions); again: does nothing. OpenSSL's
// objects call it from the section .init, which cmd/start does not run. Weak: a shared OpenSSL
// keeps it to itself, and has called it when it was loaded.
extern "C" void OPENSSL_cpuid_setup() __attribute__((weak));

namespace mycontainer::rootfs::content {

void prepare_crypto() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (::OPENSSL_cpuid_setup != nullptr) ::OPENSSL_cpuid_setup();
    ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
  });
}

}  // namespace mycontainer::rootfs::content
