#include "runtime/engine/spec_from_request.h"

#include <cstring>
#include <utility>

#include "runtime/engine/names.h"
#include "runtime/engine/spec_parts.h"
#include "runtime/oci/defaults.h"
#include "runtime/oci/validate.h"

namespace mycontainer::runtime::engine {
namespace {

// "SIGQUIT", or the number of a real-time signal; "" for the default.
std::string stop_signal(const RunRequest& request, const ImageConfig& image) {
  if (!request.stop_signal) return image.stop_signal;
  const char* name = ::sigabbrev_np(*request.stop_signal);
  return name != nullptr ? fmt::format("SIG{}", name) : std::to_string(*request.stop_signal);
}

// Labels first, so that none of them can pass for one of ours.
oci::StringMap make_annotations(const RunRequest& request, const ImageConfig& image) {
  oci::StringMap annotations = request.labels;
  annotations.insert(image.labels.begin(), image.labels.end());
  for (const auto& [key, value] : request.annotations) annotations[key] = value;
  annotations.erase(oci::kInitAnnotation);
  if (request.init) annotations[oci::kInitAnnotation] = "true";
  if (std::string signal = stop_signal(request, image); !signal.empty())
    annotations[oci::kStopSignalAnnotation] = std::move(signal);
  return annotations;
}

}  // namespace

std::string container_hostname(const RunRequest& request, std::string_view id,
                               std::string_view host_hostname) {
  if (!request.hostname.empty()) return request.hostname;
  if (request.host_uts || is_host_network(request)) return std::string(host_hostname);
  return std::string(id.substr(0, kShortIdLength));
}

Result<oci::Spec> spec_from_request(const RunRequest& request, SpecInputs inputs) {
  const std::string hostname = container_hostname(request, inputs.id, inputs.host_hostname);
  oci::Spec spec;
  TRY(spec.process, make_process(request, inputs, hostname));
  spec.root = {inputs.rootfs, request.read_only};
  if (!request.host_uts) spec.hostname = hostname;
  if (!request.host_uts) spec.domainname = request.domainname;
  TRY(spec.mounts, make_mounts(request, inputs));
  spec.annotations = make_annotations(request, inputs.image);
  spec.linux_config = make_linux(request, inputs);
  // Moved, because the default profile is some four hundred strings.
  if (!request.privileged || request.seccomp.kind != SeccompRequest::Kind::kDefault) {
    spec.linux_config.seccomp = std::move(inputs.seccomp);
  }
  TRY_VOID(oci::validate(spec));
  return spec;
}

}  // namespace mycontainer::runtime::engine
