#include "cmd/oci/log_format.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mycontainer::cmd::oci {
namespace {

constexpr std::time_t kWhen = 1769860800;  // 2026-01-31T12:00:00Z

TEST(LogLine, AsTextIsLogrusText) {
  EXPECT_EQ(log_line(LogFormat::kText, LogLevel::kError, "no such file", kWhen),
            "time=\"2026-01-31T12:00:00Z\" level=error msg=\"no such file\"\n");
  EXPECT_EQ(log_line(LogFormat::kText, LogLevel::kWarn, "say \"x\"", kWhen),
            "time=\"2026-01-31T12:00:00Z\" level=warning msg=\"say \\\"x\\\"\"\n");
}

TEST(LogLine, AsJsonIsLogrusJson) {
  EXPECT_EQ(log_line(LogFormat::kJson, LogLevel::kError, "no such file", kWhen),
            "{\"level\":\"error\",\"msg\":\"no such file\",\"time\":\"2026-01-31T12:00:00Z\"}\n");
  EXPECT_TRUE(log_line(LogFormat::kJson, LogLevel::kDebug, "", kWhen).find("\"debug\"") !=
              std::string::npos);
  EXPECT_TRUE(log_line(LogFormat::kJson, LogLevel::kInfo, "", kWhen).find("\"info\"") !=
              std::string::npos);
}

// A hostile name must not write a second line, or an error that there was not.
TEST(LogLine, IsOneLineWhateverItSays) {
  const std::string text = "a\n{\"level\":\"error\"}\x1b[2J\"\\\xff";
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = log_line(format, LogLevel::kError, text, kWhen);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
  }
  const auto tree = nlohmann::json::parse(log_line(LogFormat::kJson, LogLevel::kError, text, kWhen),
                                          nullptr, false);
  ASSERT_TRUE(tree.is_object());
  EXPECT_EQ(tree["level"], "error");
  EXPECT_EQ(tree["msg"].get<std::string>().substr(0, 3), "a\n{");
}

TEST(LoggedText, SpellsErrnoAsGoDoes) {
  EXPECT_EQ(logged_text({"exec /x", ENOENT, "install it", 127}),
            "exec /x: no such file or directory (ENOENT); hint: install it");
  EXPECT_EQ(logged_text({"Nothing to do", 0, {}, 0}), "Nothing to do");
}

}  // namespace
}  // namespace mycontainer::cmd::oci
