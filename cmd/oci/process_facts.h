// What /proc tells about processes now, for the table that `ps` and `top` print.
#pragma once

#include <sys/types.h>

#include <span>
#include <vector>

#include "cmd/oci/process_table.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::oci {

// With the headers first; those that have ended are left out.
Result<std::vector<ProcessRow>> process_rows_of(std::span<const pid_t> pids);

}  // namespace mycontainer::cmd::oci
