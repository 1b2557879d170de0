#include "runtime/oci/state.h"

#include "runtime/oci/json_fields.h"
#include "runtime/oci/json_writer.h"

namespace mycontainer::runtime::oci {

void fields(auto& v, Is<State> auto& s) {
  v.required("ociVersion", s.oci_version);
  v.required("id", s.id);
  v.required("status", s.status);
  v.optional("pid", s.pid == 0 ? std::nullopt : std::optional(s.pid));
  v.required("bundle", s.bundle);
  v.optional("annotations", s.annotations);
}

void fields(auto& v, Is<ContainerProcessState> auto& s) {
  v.required("ociVersion", s.oci_version);
  v.required("fds", s.fds);
  v.required("pid", s.pid);
  v.optional("metadata", s.metadata);
  v.required("state", s.state);
}

std::string to_json(const State& state, unsigned indent) { return json_text(state, indent); }

std::string to_json(const ContainerProcessState& state, unsigned indent) {
  return json_text(state, indent);
}

}  // namespace mycontainer::runtime::oci
