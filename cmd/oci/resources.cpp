#include "cmd/oci/resources.h"

#include <array>

#include "cmd/oci/words.h"
#include "reexec/sys/log.h"
#include "runtime/oci/json.h"
#include "runtime/oci/number_list.h"
#include "runtime/oci/validate.h"

namespace mycontainer::cmd::oci {
namespace {

using options::Option;
using runtime::oci::Cpu;
using runtime::oci::Memory;

template <class Type>
Type& made(std::optional<Type>& value) {
  return value ? *value : value.emplace();
}

// 0 is "no change" to runc.
template <auto Member>
Result<void> set_cpu(UpdateOptions& typed, std::string_view value) {
  using Number =
      typename std::remove_reference_t<decltype(std::declval<Cpu>().*Member)>::value_type;
  TRY(const auto number, options::parse_integer<Number>(value));
  if (number != 0) made(typed.resources.cpu).*Member = number;
  return {};
}

template <auto Member>
Result<void> set_cpu_also_zero(UpdateOptions& typed, std::string_view value) {
  using Number =
      typename std::remove_reference_t<decltype(std::declval<Cpu>().*Member)>::value_type;
  TRY(made(typed.resources.cpu).*Member, options::parse_integer<Number>(value));
  return {};
}

template <auto Member>
Result<void> set_list(UpdateOptions& typed, std::string_view value) {
  TRY_VOID(runtime::oci::parse_number_list(value));
  if (!value.empty()) made(typed.resources.cpu).*Member = std::string(value);
  return {};
}

template <auto Member>
Result<void> set_memory(UpdateOptions& typed, std::string_view value) {
  std::int64_t bytes = -1;
  if (value != "-1") {
    TRY(bytes, options::parse_size(value));
  }
  made(typed.resources.memory).*Member = bytes;
  return {};
}

Result<void> set_blkio_weight(UpdateOptions& typed, std::string_view value) {
  TRY(const auto weight, options::parse_integer<std::uint16_t>(value));
  if (weight != 0) made(typed.resources.block_io).weight = weight;
  return {};
}

Result<void> set_pids_limit(UpdateOptions& typed, std::string_view value) {
  TRY(const auto limit, options::parse_integer<std::int64_t>(value));
  if (limit != 0) typed.resources.pids_limit = limit;
  return {};
}

Result<void> ignore_kernel_memory(UpdateOptions& /*typed*/, std::string_view /*value*/) {
  log_warn("kernel memory has no limit of its own any more (kernel 5.4)");
  return {};
}

Result<void> refuse_rdt(UpdateOptions& /*typed*/, std::string_view value) {
  if (value.empty()) return {};
  return fail("Intel RDT's schemata of a running container cannot be changed");
}

template <Result<void> (*Function)(UpdateOptions&, std::string_view)>
constexpr options::Apply on = apply<UpdateOptions, Function>;

constexpr std::array kOptions = {
    Option{"blkio-weight", 0, "number", "Weight for block I/O, 10 to 1000", on<set_blkio_weight>},
    Option{"cpu-burst", 0, "microseconds", "CPU time that may be saved up for a burst",
           on<set_cpu_also_zero<&Cpu::burst>>},
    Option{"cpu-idle", 0, "number", "1: runs only when nothing else does; 0: as usual",
           on<set_cpu_also_zero<&Cpu::idle>>},
    Option{"cpu-period", 0, "microseconds", "Period of the CPU quota", on<set_cpu<&Cpu::period>>},
    Option{"cpu-quota", 0, "microseconds", "CPU time in a period; -1: no limit",
           on<set_cpu<&Cpu::quota>>},
    Option{"cpu-rt-period", 0, "microseconds", "Period of the realtime CPU limit",
           on<set_cpu<&Cpu::realtime_period>>},
    Option{"cpu-rt-runtime", 0, "microseconds", "Realtime CPU time in a period",
           on<set_cpu<&Cpu::realtime_runtime>>},
    Option{"cpu-share", 0, "number", "CPU shares, relative to other containers",
           on<set_cpu<&Cpu::shares>>},
    Option{"cpuset-cpus", 0, "list", "CPUs to use (0-3,7)", on<set_list<&Cpu::cpus>>},
    Option{"cpuset-mems", 0, "list", "Memory nodes to use (0-3,7)", on<set_list<&Cpu::mems>>},
    Option{"help", 'h', "", "Print usage", flag<&UpdateOptions::help>},
    Option{"kernel-memory", 0, "bytes", "Has no effect on kernels of today",
           on<ignore_kernel_memory>},
    Option{"kernel-memory-tcp", 0, "bytes", "Has no effect on kernels of today",
           on<ignore_kernel_memory>},
    Option{"l3-cache-schema", 0, "string", "Not supported", on<refuse_rdt>},
    Option{"mem-bw-schema", 0, "string", "Not supported", on<refuse_rdt>},
    Option{"memory", 0, "bytes", "Memory limit; -1: no limit", on<set_memory<&Memory::limit>>},
    Option{"memory-reservation", 0, "bytes", "Soft memory limit",
           on<set_memory<&Memory::reservation>>},
    Option{"memory-swap", 0, "bytes", "Limit of memory and swap together; -1: no limit",
           on<set_memory<&Memory::swap>>},
    Option{"pids-limit", 0, "number", "How many processes there may be; -1: no limit",
           on<set_pids_limit>},
    Option{"resources", 'r', "file",
           R"(All limits as JSON, like "linux.resources" of config.json; "-": standard input)",
           text<&UpdateOptions::file>},
};

}  // namespace

options::OptionTable update_options() { return kOptions; }

Result<runtime::oci::Resources> resources_to_update(const UpdateOptions& typed,
                                                    std::string_view file_text) {
  runtime::oci::Resources resources = typed.resources;
  if (!typed.file.empty()) {
    TRY(resources, runtime::oci::resources_from_json(file_text));
  }
  // Engines hand over all that the configuration had, and its rules are not all that apply.
  resources.devices.clear();
  auto& memory = resources.memory;
  if (memory && memory->limit == -1 && !memory->swap) memory->swap = -1;
  TRY_VOID(runtime::oci::validate_resources(resources));
  return resources;
}

}  // namespace mycontainer::cmd::oci
