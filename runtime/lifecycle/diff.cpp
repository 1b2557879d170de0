#include "runtime/lifecycle/diff.h"

#include "runtime/files/session.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

Result<std::vector<rootfs::layer::Change>> diff(const state::Roots& roots, const std::string& id) {
  TRY(const auto container, state::Container::open(roots, id));
  TRY(const oci::Spec spec, container.read_spec());
  return files::changes(spec);
}

}  // namespace mycontainer::runtime::lifecycle
