#include "cmd/print/kernel.h"

#include <fmt/core.h>

#include <algorithm>

namespace mycontainer::cmd::print {

std::string kernel_text(const runtime::engine::KernelReport& report) {
  std::size_t width = 0;
  for (const auto& fact : report.facts) width = std::max(width, fact.name.size() + 1);
  std::string text = "Kernel:\n";
  for (const auto& fact : report.facts) {
    text += fmt::format(" {:{}}  {}\n", fact.name + ":", width, fact.value);
  }
  return text;
}

}  // namespace mycontainer::cmd::print
