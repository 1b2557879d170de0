#include "runtime/oci/state.h"

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

namespace {

template <class T>
std::string text_of(const T& document, int indent) {
  return ObjectWriter::to_tree(document).dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const State& state, int indent) { return text_of(state, indent); }

std::string to_json(const ContainerProcessState& state, int indent) {
  return text_of(state, indent);
}

}  // namespace mycontainer::runtime::oci
