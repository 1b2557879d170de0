// One record of a log as text: {"log":"hello\n","stream":"stdout","time":"..."}. Pure; the writer
// makes it, readers take it apart.
#pragma once

#include <string>
#include <string_view>

namespace mycontainer::runtime::log {

// Appends the record and its newline. Bytes that are not UTF-8 become U+FFFD each, as under Docker.
void append_record(std::string& out, int stream, std::string_view text, std::string_view time);

// How many bytes at the end of `text` begin a character of UTF-8 that does not end in it: 0 to 3.
std::size_t unfinished_character(std::string_view text);

// Takes records apart. A line as append_record() makes it costs little more than finding its end;
// any other JSON object with "log", "stream" and "time" (Docker's own, with "attrs") is parsed.
class RecordParser {
 public:
  struct Fields {
    int stream = 1;
    std::string_view time, text;
  };
  // `line` (without its newline) may be changed: the text is unescaped in place where it can be.
  // False: it is no record. The fields are valid until the next call and as long as `line`.
  bool parse(char* line, std::size_t size, Fields& fields);

 private:
  bool parse_own(char* line, std::size_t size, Fields& fields);
  bool unescape(std::string_view text, std::string_view& unescaped);
  bool parse_foreign(std::string_view line, Fields& fields);

  std::string text_, time_;
};

}  // namespace mycontainer::runtime::log
