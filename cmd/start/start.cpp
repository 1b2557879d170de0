// Starts this static program without asking the processor who it is.
//
// glibc 2.36 runs about eighty CPUID instructions before main, to choose among versions of memcpy
// and its like and to learn the sizes of the caches. On bare metal that is nothing; inside a
// virtual machine each one traps into the hypervisor (8 microseconds here, 0.65 ms a start), and
// `run` starts this program twice. Where the linker finds __libc_start_main here, it leaves out
// glibc's own (csu/libc-start.c), whose other duties follow in its order. The choice among versions
// then falls on the ones that every x86-64 has, with the cache sizes glibc assumes by default.
//
// Nor is the section .init run (_init(), which is empty but for what objects append to it): OpenSSL's
// part there asks the processor, too. It is asked when the first digest is computed
// (rootfs/content/crypto.h); the link fails no test of ours should another library append to it, but
// tests/unit/start does.
//
// Used only for static x86-64 builds on exactly this glibc (cmd/start/CMakeLists.txt); everything
// else starts as usual. tests/unit/start holds it to what a C++ program may expect of its start.
#include <elf.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// The names are the C library's, the addresses the linker's.
// NOLINTBEGIN(bugprone-*,performance-no-int-to-ptr,readability-*)
extern "C" {

// What the string functions would have been told about the caches (defaults of
// sysdeps/x86/cacheinfo.h, and three quarters of an assumed 1 MiB share of the last level before a
// copy bypasses it).
long __x86_data_cache_size_half = 32L * 1024 / 2;
long __x86_data_cache_size = 32L * 1024;
long __x86_shared_cache_size_half = 1024L * 1024 / 2;
long __x86_shared_cache_size = 1024L * 1024;
long __x86_shared_non_temporal_threshold = 1024L * 1024 * 3 / 4;
long __x86_rep_movsb_threshold = 2048;
long __x86_rep_stosb_threshold = 2048;
long __x86_rep_movsb_stop_threshold = 1024L * 1024 * 3 / 4;
int __x86_string_control = 0;

// Of libc.a, hidden to shared objects but not to a static link.
extern char** __environ;
extern void* __libc_stack_end;
extern int __libc_enable_secure;
extern void* _dl_random;
void _dl_aux_init(Elf64_auxv_t*);
void __tunables_init(char**);
void _dl_relocate_static_pie();
void __libc_setup_tls();
void __libc_early_init(bool);
void __libc_init_first(int, char**, char**);
void __libc_check_standard_fds();
int __cxa_atexit(void (*)(void*), void*, void*);

// Of the linker and of crti.o.
extern const Elf64_Rela __rela_iplt_start[] __attribute__((weak));
extern const Elf64_Rela __rela_iplt_end[] __attribute__((weak));
using Constructor = void (*)(int, char**, char**);
using Destructor = void (*)();
extern Constructor __preinit_array_start[], __preinit_array_end[];
extern Constructor __init_array_start[], __init_array_end[];
extern Destructor __fini_array_start[], __fini_array_end[];
void _fini();

int __libc_start_main(int (*program)(int, char**, char**), int argc, char** argv, void (*)(),
                      void (*)(), void (*at_exit)(), void* stack_end);
}

namespace {

// The indirect functions (IFUNC): each resolver sees a processor of no special features.
void choose_functions() {
  for (const Elf64_Rela* entry = __rela_iplt_start; entry < __rela_iplt_end; ++entry) {
    const auto resolve = reinterpret_cast<Elf64_Addr (*)()>(entry->r_addend);
    *reinterpret_cast<Elf64_Addr*>(entry->r_offset) = resolve();
  }
}

// The secrets of the thread header: the stack protector's, whose first byte is zero, and the one
// that pointers are mangled with.
void set_guards() {
  const auto* random = static_cast<const std::uint64_t*>(_dl_random);
  const std::uint64_t stack_guard = random[0] & ~std::uint64_t{0xff};
  const std::uint64_t pointer_guard = random[1];
  __asm__ volatile("movq %0, %%fs:0x28" : : "r"(stack_guard));
  __asm__ volatile("movq %0, %%fs:0x30" : : "r"(pointer_guard));
}

void run_destructors(void*) {
  for (Destructor* entry = __fini_array_end; entry > __fini_array_start;) (*--entry)();
  _fini();
}

void run_constructors(int argc, char** argv) {
  for (Constructor* entry = __preinit_array_start; entry < __preinit_array_end; ++entry) {
    (*entry)(argc, argv, __environ);
  }
  for (Constructor* entry = __init_array_start; entry < __init_array_end; ++entry) {
    (*entry)(argc, argv, __environ);
  }
}

}  // namespace

// Begins before thread-local storage exists: compiled without stack protector, and nothing of the C
// library is called before it is set up.
int __libc_start_main(int (*program)(int, char**, char**), int argc, char** argv, void (*)(),
                      void (*)(), void (*at_exit)(), void* stack_end) {
  __environ = argv + argc + 1;
  __libc_stack_end = stack_end;
  char** end = __environ;
  while (*end != nullptr) ++end;
  _dl_aux_init(reinterpret_cast<Elf64_auxv_t*>(end + 1));
  __tunables_init(__environ);
  _dl_relocate_static_pie();
  choose_functions();
  __libc_setup_tls();
  set_guards();
  if (at_exit != nullptr)
    __cxa_atexit(reinterpret_cast<void (*)(void*)>(at_exit), nullptr, nullptr);
  __libc_early_init(true);
  __libc_init_first(argc, argv, __environ);
  __cxa_atexit(run_destructors, nullptr, nullptr);
  if (__libc_enable_secure != 0) __libc_check_standard_fds();
  run_constructors(argc, argv);
  ::exit(program(argc, argv, __environ));
}
// NOLINTEND(bugprone-*,performance-no-int-to-ptr,readability-*)
