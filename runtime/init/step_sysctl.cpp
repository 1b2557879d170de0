// The step that sets the container's kernel parameters.
#include <utility>

#include "runtime/init/procfs.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

std::string sysctl_path(std::string name) {
  const std::size_t separator = name.find_first_of("./");
  if (separator == std::string::npos || name[separator] == '/') return "sys/" + name;
  for (char& letter : name) {
    if (letter == '.') {
      letter = '/';
    } else if (letter == '/') {
      letter = '.';
    }
  }
  return "sys/" + name;
}

Result<void> write_sysctls(Context& context) {
  for (const auto& [name, value] : context.plan.sysctls) {
    auto written = write_procfs(context.proc, sysctl_path(name), value);
    if (!written) return within("sysctl " + name, std::move(written).error());
  }
  return {};
}

}  // namespace mycontainer::runtime::init
