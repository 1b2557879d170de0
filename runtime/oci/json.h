// config.json as text: what `--dry-run` prints and what an OCI bundle holds.
//
// Parent side. Nothing here throws, whatever the text is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

// Longer or deeper texts are refused before they are parsed.
inline constexpr std::size_t kMaxJsonBytes = 4u << 20;
inline constexpr std::size_t kMaxJsonDepth = 64;

// The whole configuration, indented by two spaces, properties in the specification's order, absent
// ones left out. Bytes that are not UTF-8 become U+FFFD: JSON has no other way to say them.
std::string to_json(const Spec& spec);
// The same without a needless byte, for files that only we read: reading is half of an exec's work.
std::string to_compact_json(const Spec& spec);

// Reads a configuration. Properties we do not know are ignored, as the specification demands
// (config.md, "Extensibility"); one of a wrong type or out of range is refused with its path:
//   process.rlimits[2].soft: expected a whole number from 0 to 18446744073709551615
// Whether the values make sense together is validate()'s question.
Result<Spec> from_json(std::string_view text);

// The two parts of a configuration that clients also hand over alone: what `exec --process` reads
// (what "process" of config.json holds) and `update --resources` (what "linux.resources" holds).
// Places in errors are named as in config.json.
Result<Process> process_from_json(std::string_view text);
Result<Resources> resources_from_json(std::string_view text);

std::string to_json(const Process& process);
std::string to_json(const Resources& resources);

}  // namespace mycontainer::runtime::oci
