// libarchive 3.6 forgets its own buffer when the stream it writes to has failed: its close is then
// skipped, and only that frees it. The process that packs ends soon after.
extern "C" const char* __lsan_default_suppressions();   // NOLINT: the leak sanitizer's name
extern "C" const char* __lsan_default_suppressions() {  // NOLINT
  return "leak:archive_write_client_open\n";
}
