// --format: the part of Go's text/template that people type, over JSON documents. Pure.
//
//   text {{.A.B}} {{.}} {{$x}} {{"text"}} {{1}} {{(index .L 0).A}} {{json .A | printf "%s"}}
//   {{if P}} {{else if P}} {{else}} {{end}}, {{with P}}, {{range $k, $v := P}} with {{else}},
//   {{break}}, {{continue}}, {{$x := P}}, {{$x = P}}, {{- trimming -}}, {{/* comments */}}
//   and or not eq ne lt le gt ge len index slice print printf println, and Docker's json join
//   split upper lower title truncate pad
//
// Where JSON cannot tell Go's structures from its maps: a field that is missing is an error, except
// in what Docker has as a map (Labels, Ports, Networks, Sysctls ...), where it is "<no value>".
// Not there: define, template, block, html, js, urlquery, call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/print/json.h"
#include "cmd/print/template_nodes.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::print {

class Template {
 public:
  struct Options {
    // What "{{.Label "x"}}" reads: fields that take a key, each a map of texts. May be null.
    const Json* keyed = nullptr;
    // The document holds the headers of a table: functions leave them alone, and one that is not
    // there is "<no value>".
    bool headers = false;
    // Values, not the template's own text, are made visible but for these characters.
    bool visible = false;
    std::string_view keep = "\n\t";
  };

  // "template parsing error: template: :1: unclosed action".
  static Result<Template> parse(std::string_view text);
  // "template parsing error: template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"".
  [[nodiscard]] Result<std::string> execute(const Json& document, const Options& options) const;
  [[nodiscard]] Result<std::string> execute(const Json& document) const {
    return execute(document, Options());
  }

 private:
  Template(std::string source, std::vector<Node> nodes)
      : source_(std::move(source)), nodes_(std::move(nodes)) {}
  std::string source_;
  std::vector<Node> nodes_;
};

// What Docker's lists do to a format before they read it: the two characters \t become a tab, \n
// a new line.
std::string unescape_format(std::string_view format);

}  // namespace mycontainer::cmd::print
