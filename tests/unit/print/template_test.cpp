#include "cmd/print/template.h"

#include <gtest/gtest.h>

namespace mycontainer::cmd::print {
namespace {

const Json kDocument = Json::parse(R"({
  "Id": "0123456789ab",
  "Name": "/web",
  "State": {"Running": true, "ExitCode": 0, "Pid": 4711, "Health": null},
  "Config": {"Env": ["A=1", "B=2"], "Labels": {"z": "last", "a": "first", "with.dots": "yes"}},
  "Mounts": [],
  "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
  "NanoCpus": 1500000000,
  "Ratio": 0.25, "Tiny": 1e-7, "Huge": 1e21,
  "Hostile": "a\u001b[31m\nb"
})");

std::string run(std::string_view text, const Template::Options& options = {}) {
  const auto parsed = Template::parse(text);
  if (!parsed) return parsed.error().message();
  const auto output = parsed->execute(kDocument, options);
  return output ? *output : output.error().message();
}

struct Case {
  const char *text, *wanted;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(run(c.text), c.wanted) << c.text;
}

TEST(Template, PrintsTextFieldsAndConstants) {
  expect_all({
      {"", ""},
      {"plain } text", "plain } text"},
      {"{{.Id}} {{.State.Pid}}", "0123456789ab 4711"},
      {"{{ .State.Running }}", "true"},
      {"{{$.Name}}", "/web"},
      {R"({{"a\tb\x41\u00e9\""}})", "a\tbA\xc3\xa9\""},
      {"{{`raw \\n`}}", "raw \\n"},
      {"{{'a'}} {{0x10}} {{-3}} {{1.5}} {{true}}", "97 16 -3 1.5 true"},
      {"{{(index .Config.Env 1)}}", "B=2"},
      {"{{(index .Ports \"80/tcp\" 0).HostPort}}", "8080"},
  });
}

TEST(Template, PrintsValuesAsGoDoes) {
  expect_all({
      {"{{.Config.Env}}", "[A=1 B=2]"},
      {"{{.Config.Labels}}", "map[a:first with.dots:yes z:last]"},
      {"{{.State}}", "map[ExitCode:0 Health:<nil> Pid:4711 Running:true]"},
      {"{{.State.Health}}", "<no value>"},
      {"{{.Ratio}} {{.Tiny}} {{.Huge}}", "0.25 1e-07 1e+21"},
      {"{{.Mounts}}", "[]"},
  });
}

TEST(Template, FindsFieldsByGosNames) {
  expect_all({{"{{.ID}} {{.NanoCPUs}}", "0123456789ab 1500000000"}});
}

TEST(Template, SaysWhatIsMissing) {
  expect_all({
      {"{{.Foo}}",
       "template parsing error: template: :1:2: executing \"\" at <.Foo>: map has no entry for key "
       "\"Foo\""},
      {"a\n{{.State.Nope}}",
       "template parsing error: template: :2:2: executing \"\" at <.State.Nope>: map has no entry "
       "for key \"Nope\""},
      {"{{.id}}",
       "template parsing error: template: :1:2: executing \"\" at <.id>: map has no entry for key "
       "\"id\""},
      {"{{.Name.X}}",
       "template parsing error: template: :1:2: executing \"\" at <.Name.X>: can't evaluate field "
       "X "
       "in type string"},
      {"{{.State.Health.Status}}",
       "template parsing error: template: :1:2: executing \"\" at <.State.Health.Status>: nil "
       "pointer evaluating interface {}.Status"},
      {"{{.Config.Labels.nope}}", "<no value>"},
      {"{{index .Config.Labels \"nope\"}}", ""},
  });
}

TEST(Template, CallsFunctions) {
  expect_all({
      {"{{json .State}}", R"({"Running":true,"ExitCode":0,"Pid":4711,"Health":null})"},
      {"{{.Config.Env | json}}", R"(["A=1","B=2"])"},
      {"{{join .Config.Env \", \"}}", "A=1, B=2"},
      {"{{json (split \"a,b\" \",\")}}", R"(["a","b"])"},
      {"{{upper .Name}} {{lower \"ABC\"}} {{title \"ab cd\"}}", "/WEB abc Ab Cd"},
      {"{{len .Config.Env}} {{len .Name}} {{len .Config.Labels}}", "2 4 3"},
      {"{{index .Config.Labels \"with.dots\"}}", "yes"},
      {"{{slice .Id 0 4}} {{slice .Id 8}}", "0123 89ab"},
      {"{{truncate .Id 3}} {{truncate \"a\" 3}} [{{pad \"x\" 1 2}}]", "012 a [ x  ]"},
      {"{{print 1 2 \"a\" \"b\"}}|{{println 1 \"a\"}}", "1 2ab|1 a\n"},
      {"{{eq .State.Pid 4711}} {{eq .Name \"/x\" \"/web\"}} {{ne 1 1}}", "true true false"},
      {"{{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 1 2}} {{lt \"a\" \"b\"}}",
       "true true false false true"},
      {"{{not .Mounts}} {{and 1 0 2}} {{or 0 \"x\"}}", "true 0 x"},
      {"{{and false (index .Config.Env 9)}}", "false"},  // never looked at
  });
}

TEST(Template, FormatsByPrintf) {
  expect_all({
      {"{{printf \"%s-%d|%5d|%-5d|%05d|%x\" .Name 7 7 7 7 255}}", "/web-7|    7|7    |00007|ff"},
      {"{{.Name | printf \"%.2s|%8s|%q\" \"abc\" \"x\"}}", "ab|       x|\"/web\""},
      {"{{printf \"%v %t %.2f %e %T %%\" .Config.Env true 1.0 1.5 1}}",
       "[A=1 B=2] true 1.00 1.500000e+00 int %"},
      {"{{printf \"%q\" .Config.Env}}", "[\"A=1\" \"B=2\"]"},
      {"{{printf \"%d\" \"x\"}} {{printf \"%s\"}} {{printf \"a\" 1}}",
       "%!d(string=x) %!s(MISSING) a%!(EXTRA int=1)"},
      {"{{printf \"%s\" 5}} {{printf \"%z\" 5}} {{printf \"%\"}}",
       "%!s(int=5) %!z(int=5) %!(NOVERB)"},
  });
  EXPECT_LT(run("{{printf \"%999999999d\" 1}}").size(), 20000u);
}

TEST(Template, Branches) {
  expect_all({
      {"{{if .State.Running}}up{{else}}down{{end}}", "up"},
      {"{{if .Mounts}}a{{else if .State.ExitCode}}b{{else}}c{{end}}", "c"},
      {"{{with .State}}{{.Pid}} {{$.Name}}{{else}}none{{end}}", "4711 /web"},
      {"{{with .State.Health}}{{.Status}}{{else}}none{{end}}", "none"},
      {"{{with $x := .Name}}{{$x}}{{end}}", "/web"},
  });
}

TEST(Template, RangesOverListsAndMapsInOrder) {
  expect_all({
      {"{{range .Config.Env}}<{{.}}>{{end}}", "<A=1><B=2>"},
      {"{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}", "a=first;with.dots=yes;z=last;"},
      {"{{range $i, $e := .Config.Env}}{{$i}}{{$e}} {{end}}", "0A=1 1B=2 "},
      {"{{range $e := .Config.Env}}{{$e}}{{break}}{{end}}", "A=1"},
      {"{{range .Config.Env}}{{if eq . \"A=1\"}}{{continue}}{{end}}{{.}}{{end}}", "B=2"},
      {"{{range .Mounts}}x{{else}}none{{end}}", "none"},
      {"{{range $p, $b := .Ports}}{{$p}} -> {{(index $b 0).HostPort}}{{end}}", "80/tcp -> 8080"},
      {"{{range .State.Pid}}{{end}}",
       "template parsing error: template: :1:8: executing \"\" at <.State.Pid>: range can't "
       "iterate "
       "over 4711"},
  });
}

TEST(Template, KeepsVariablesInTheirScopes) {
  expect_all({
      {"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
      {"{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"},
      {"{{$n := 0}}{{range .Config.Env}}{{$n = .}}{{end}}{{$n}}", "B=2"},
      {"{{if true}}{{$x := 1}}{{end}}{{$x}}",
       "template parsing error: template: :1: undefined variable \"$x\""},
  });
}

TEST(Template, TrimsAndSkipsComments) {
  expect_all({
      {"a  {{- 1 -}}  b", "a1b"},
      {"a {{- /* no */ -}} b", "ab"},
      {"a{{/* x }} */}}b", "ab"},
      {"{{-1}}", "-1"},
  });
}

TEST(Template, RefusesWhatDoesNotParse) {
  const auto message = [](const char* rest) {
    return std::string("template parsing error: template: ") + rest;
  };
  EXPECT_EQ(run("{{.Id"), message(":1: unclosed action"));
  EXPECT_EQ(run("\n{{.Id}"), message(":2: unexpected \"}\" in operand"));
  EXPECT_EQ(run("{{foo .Id}}"), message(":1: function \"foo\" not defined"));
  EXPECT_EQ(run("{{}}"), message(":1: missing value for command"));
  EXPECT_EQ(run("{{if .Id}}x"), message(":1: unexpected EOF"));
  EXPECT_EQ(run("{{end}}"), message(":1: unexpected {{end}}"));
  EXPECT_EQ(run("{{\"abc}}"), message(":1: unterminated quoted string"));
  EXPECT_EQ(run("{{1 | 2}}"), message(":1: non executable command in pipeline stage 2"));
  EXPECT_EQ(run("{{template \"x\"}}"), message(":1: {{template}} is not supported"));
  EXPECT_EQ(run("{{/* x"), message(":1: unclosed comment"));
  EXPECT_EQ(run("{{(.Id}}"), message(":1: unclosed left paren"));
  EXPECT_EQ(run("{{break}}"), message(":1: {{break}} outside {{range}}"));
  EXPECT_EQ(run("{{if .Id}}{{else}}{{else}}{{end}}"), message(":1: unexpected {{else}}"));
}

TEST(Template, TellsWhoseArgumentsAreWrong) {
  EXPECT_EQ(
      run("{{len 3}}"),
      "template parsing error: template: :1:2: executing \"\" at <len>: error calling len: len "
      "of type int");
  EXPECT_EQ(
      run("{{index .Config.Env 5}}"),
      "template parsing error: template: :1:2: executing \"\" at <index>: error calling index: "
      "index out of range: 5");
  EXPECT_EQ(run("{{json}}"),
            "template parsing error: template: :1:2: executing \"\" at <json>: error calling json: "
            "wrong number of args for json: want 1 got 0");
  EXPECT_EQ(run("{{eq 1 \"1\"}}"),
            "template parsing error: template: :1:2: executing \"\" at <eq>: error calling eq: "
            "incompatible types for comparison");
  EXPECT_NE(run("{{slice .Id 9 3}}").find("invalid slice index"), std::string::npos);
  EXPECT_NE(run("{{.Id 3}}").find("Id is not a method but has arguments"), std::string::npos);
}

TEST(Template, BoundsDepthAndWork) {
  std::string deep, nested;
  for (int i = 0; i < 5000; ++i) deep += "{{if true}}";
  EXPECT_NE(run(deep).find("exceeded maximum depth"), std::string::npos);
  nested = "{{" + std::string(5000, '(') + "1" + std::string(5000, ')') + "}}";
  EXPECT_NE(run(nested).find("exceeded maximum depth"), std::string::npos);
  EXPECT_NE(run(std::string(2u << 20, 'x')).find("too long"), std::string::npos);
}

TEST(Template, ReadsKeyedFields) {
  const Json keyed = {{"Label", {{"team", "blue"}}}};
  EXPECT_EQ(run("{{.Label \"team\"}}-{{.Label \"nope\"}}", {.keyed = &keyed}), "blue-");
  EXPECT_EQ(run("{{.Label \"com.docker.swarm_node\"}}", {.keyed = &keyed, .headers = true}),
            "swarm node");
}

TEST(Template, LeavesHeadersAlone) {
  const auto parsed = Template::parse("{{upper .Id}} {{truncate .Id 3}} {{.Nope}}");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed->execute(Json{{"Id", "Container"}}, {.headers = true}),
            "Container Container <no value>");
}

TEST(Template, ShowsWhatWouldDriveATerminal) {
  EXPECT_EQ(run("\x1b{{.Hostile}}", {.visible = true}),
            "\x1b"
            "a\\x1b[31m\nb");
  EXPECT_EQ(run("{{.Hostile}}"), "a\x1b[31m\nb");
  EXPECT_EQ(run("{{json .Hostile}}"), "\"a\\u001b[31m\\nb\"");
}

TEST(UnescapeFormat, KnowsTabAndNewLine) {
  EXPECT_EQ(unescape_format("a\\tb\\nc\\xd\\"), "a\tb\nc\\xd\\");
}

TEST(JsonLine, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(json_line(Json("a\x7f\xc2\x9b\xe2\x80\xae\xff\xf3\xa0\x80\x81")),
            "\"a\\u007f\\u009b\\u202e\xef\xbf\xbd\\udb40\\udc01\"");
  EXPECT_EQ(Json::parse(json_line(Json("\xf3\xa0\x80\x81"))), Json("\xf3\xa0\x80\x81"));
}

}  // namespace
}  // namespace mycontainer::cmd::print
