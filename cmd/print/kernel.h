// What the kernel offers, as `mycontainer version` shows it. Pure.
#pragma once

#include <string>

#include "runtime/engine/kernel_features.h"

namespace mycontainer::cmd::print {

std::string kernel_text(const runtime::engine::KernelReport& report);

}  // namespace mycontainer::cmd::print
