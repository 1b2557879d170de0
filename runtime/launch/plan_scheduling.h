// The part of a plan that says when and where the program runs. Private to runtime/launch; pure.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/init/scheduling.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::launch {

// From "process" and "linux" of a configuration with a process.
Result<init::SchedulingPlan> plan_scheduling(const oci::Spec& spec);

}  // namespace mycontainer::runtime::launch
