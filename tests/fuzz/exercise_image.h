// What the fuzzers do with one text that a registry, an archive or a user gives: names of images,
// manifests, indexes, configurations. The unit tests replay the corpus through the same functions.
// No system call is made here.
#pragma once

#include <string_view>

#include "tests/fuzz/exercise.h"

namespace mycontainer::fuzz {

// A name. What is accepted is read again from what it prints, whole or familiar, as the same; is
// short; and has no part that is a way out of a directory ("..", "", an absolute path).
Outcome exercise_reference(std::string_view text);

// Written and read again: the same. No document is both a manifest and an index, whatever the sender
// calls it; every digest is whole; no string hides something behind a zero byte.
Outcome exercise_manifest(std::string_view text);
Outcome exercise_index(std::string_view text);

// Written and read again: the same. Every environment entry has a "="; every digest is whole; ports
// and volumes are sorted.
Outcome exercise_image_config(std::string_view text);

}  // namespace mycontainer::fuzz
