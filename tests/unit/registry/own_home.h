// A home directory of the test's own, and an environment that names nothing else.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::registry {

class OwnHome : public ::testing::Test {
 protected:
  OwnHome() {
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "CONTAINERS_REGISTRIES_CONF",
                             "REGISTRY_AUTH_FILE", "DOCKER_CONFIG"}) {
      ::unsetenv(name);
    }
    ::setenv("HOME", home_.path().c_str(), 1);
  }

  // Makes the directories of `path` (below HOME), too.
  void write(const std::string& path, const std::string& text) {
    const auto made =
        sys::make_directories((home_ / path).substr(0, (home_ / path).rfind('/')), 0700);
    EXPECT_TRUE(made) << made.error().message();
    home_.make_file(path, text);
  }

  test::TemporaryDirectory home_;
};

}  // namespace mycontainer::rootfs::registry
