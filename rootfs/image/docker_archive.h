// manifest.json of a docker-archive (what `docker save` wrote before it wrote an OCI layout, and
// still writes beside one). Any process; pure. It is somebody else's text: bounds as in descriptor.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::image {

// Of one image: names of members of the archive, as they stand there.
struct DockerArchiveImage {
  std::string config;
  std::vector<std::string> tags;    // "alpine:latest"; may be empty
  std::vector<std::string> layers;  // the lowest first
  friend bool operator==(const DockerArchiveImage&, const DockerArchiveImage&) = default;
};

Result<std::vector<DockerArchiveImage>> parse_docker_archive(std::string_view text);
std::string to_json(const std::vector<DockerArchiveImage>& images);

}  // namespace mycontainer::rootfs::image
