// Shared by the tests of options: a request from words, and the error of bad ones.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cmd/options/run_options.h"

namespace mycontainer::cmd::options {

inline Result<ParsedRun> parse_words(const std::vector<const char*>& words) {
  return parse_run(run_options(), words);
}

// The request of `run WORDS...`; a failed expectation when there is none.
inline runtime::engine::RunRequest request_of(const std::vector<const char*>& words) {
  auto parsed = parse_words(words);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message());
  return parsed ? std::move(parsed->request) : runtime::engine::RunRequest{};
}

// The message of `run WORDS...`, or "" when it is accepted.
inline std::string error_of(const std::vector<const char*>& words) {
  auto parsed = parse_words(words);
  return parsed ? std::string() : parsed.error().message();
}

// The request of `run OPTIONS... /bin/true`, and its error.
inline runtime::engine::RunRequest request_with(std::vector<const char*> options) {
  options.push_back("/bin/true");
  return request_of(options);
}
inline std::string error_with(std::vector<const char*> options) {
  options.push_back("/bin/true");
  return error_of(options);
}

struct BadValue {
  std::vector<const char*> options;
  const char* message;
};

inline void expect_errors(const std::vector<BadValue>& cases) {
  for (const BadValue& bad : cases) {
    const std::string message = error_with(bad.options);
    EXPECT_NE(message.find(bad.message), std::string::npos)
        << "of " << bad.options.front() << ": \"" << message << "\" lacks \"" << bad.message << '"';
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

}  // namespace mycontainer::cmd::options
