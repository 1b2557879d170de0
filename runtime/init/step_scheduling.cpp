// The step that decides when and where the program runs.
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

Result<void> apply_scheduling(Context& context) {
  const SchedulingPlan& plan = context.plan.scheduling;
  if (context.plan.kind == InitPlan::Kind::kExec) TRY_VOID(apply_final_affinity(plan));
  return apply_scheduling_plan(plan);
}

}  // namespace mycontainer::runtime::init
