// Structs as JSON text, written in one pass without a tree: this is on the path of every start. Either
// side.
//
// A struct has a free function fields(visitor, struct) beside it, which names its members
// (json_fields.h says how); it is found by the struct's namespace.
#pragma once

#include <charconv>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/oci/json_text.h"

namespace mycontainer::runtime::oci {

// Appends to a text; the visitor of fields().
class JsonWriter {
 public:
  // Indented by so many spaces a level; 0: all on one line.
  JsonWriter(std::string& text, unsigned indent) : text_(text), indent_(indent) {}

  // A member that is always written.
  void required(std::string_view key, const auto& value) {
    begin_member(key);
    write(value);
  }
  // One that is left out when it is false, or an empty text, array or object.
  void optional(std::string_view key, const auto& value) {
    const std::size_t before = text_.size();
    begin_member(key);
    const std::size_t begin = text_.size();
    write(value);
    if (says_nothing(std::string_view(text_).substr(begin))) text_.resize(before);
  }
  template <class T>
  void optional(std::string_view key, const std::optional<T>& value) {
    if (value) required(key, *value);
  }
  // One that has an object of its own.
  template <class T>
  void nested(std::string_view outer, std::string_view inner, const std::optional<T>& value) {
    if (!value) return;
    begin_member(outer);
    open('{');
    required(inner, *value);
    close('}');
  }

  // The value itself.
  void write(bool value) { text_ += value ? "true" : "false"; }
  void write(std::integral auto value) {
    char digits[24];
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  void write(std::string_view value) { append_json_string(text_, value); }
  void write(const char* value) { append_json_string(text_, value); }
  void write(const std::string& value) { append_json_string(text_, value); }
  template <class T>
  void write(const std::vector<T>& values) {
    open('[');
    for (const T& value : values) {
      begin_item('[');
      write(value);
    }
    close(']');
  }
  template <class T>
  void write(const std::map<std::string, T>& values) {
    open('{');
    for (const auto& [key, value] : values) required(key, value);
    close('}');
  }
  template <class T>
  requires requires(JsonWriter& writer, const T& value) { fields(writer, value); }
  void write(const T& value) {
    open('{');
    fields(*this, value);
    close('}');
  }

 private:
  static bool says_nothing(std::string_view value) {
    return value == "\"\"" || value == "false" || value == "[]" || value == "{}";
  }
  void open(char bracket) {
    text_ += bracket;
    ++depth_;
  }
  void close(char bracket) {
    --depth_;
    const bool empty = text_.back() == '{' || text_.back() == '[';
    if (!empty) new_line();
    text_ += bracket;
  }
  // After the opening bracket nothing separates.
  void begin_item(char opening) {
    if (text_.back() != opening) text_ += ',';
    new_line();
  }
  void begin_member(std::string_view key) {
    begin_item('{');
    append_json_string(text_, key);
    text_ += indent_ > 0 ? ": " : ":";
  }
  void new_line() {
    if (indent_ == 0) return;
    text_ += '\n';
    text_.append(depth_ * indent_, ' ');
  }

  std::string& text_;
  std::size_t indent_;
  std::size_t depth_ = 0;
};

std::string json_text(const auto& value, unsigned indent) {
  std::string text;
  JsonWriter(text, indent).write(value);
  return text;
}

}  // namespace mycontainer::runtime::oci
