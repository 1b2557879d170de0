#include "cmd/print/template_parser.h"

#include <algorithm>
#include <charconv>

#include "cmd/print/go_text.h"
#include "cmd/print/template_functions.h"
#include "cmd/print/template_lexer.h"
#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

using Kind = Token::Kind;

constexpr int kMaxDepth = 100;

class Parser {
 public:
  Parser(std::string_view source, const std::vector<Token>& tokens)
      : source_(source), tokens_(tokens) {}

  Result<std::vector<Node>> run() {
    TRY(auto nodes, parse_list());
    if (!at_end()) return fail_at(peek().place.begin, "unexpected {{{{{}}}}}", ending_);
    return nodes;
  }

 private:
  [[nodiscard]] bool at_end() const { return next_ >= tokens_.size(); }
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    static const Token kEnd{Kind::kClose, {}, {}, false};
    return next_ + ahead < tokens_.size() ? tokens_[next_ + ahead] : kEnd;
  }
  [[nodiscard]] bool is_symbol(std::string_view text, std::size_t ahead = 0) const {
    return peek(ahead).kind == Kind::kSymbol && peek(ahead).text == text;
  }
  [[nodiscard]] bool is_name(std::string_view text, std::size_t ahead) const {
    return peek(ahead).kind == Kind::kName && peek(ahead).text == text;
  }
  [[nodiscard]] std::size_t end_of_last() const { return tokens_[next_ - 1].place.end; }

  template <class... Args>
  [[nodiscard]] Failure fail_at(std::size_t at, fmt::format_string<Args...> format,
                                Args&&... args) const {
    const auto line = std::ranges::count(source_.substr(0, at), '\n') + 1;
    return fail("template: :{}: {}", line, fmt::format(format, std::forward<Args>(args)...));
  }

  // Until an action that ends the list, at which it stops: {{end}}, {{else}}, or the end of all.
  Result<std::vector<Node>> parse_list() {
    std::vector<Node> nodes;
    while (!at_end()) {
      if (peek().kind == Kind::kText) {
        nodes.push_back({Node::Kind::kText, tokens_[next_++].text, {}, {}, {}});
        continue;
      }
      if (is_name("end", 1) || is_name("else", 1)) {
        ending_ = peek(1).text;
        return nodes;
      }
      ++next_;  // {{
      TRY(Node node, parse_action());
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

  Result<Node> parse_action() {
    const std::string name = peek().kind == Kind::kName ? peek().text : "";
    const std::size_t at = peek().place.begin;
    if (name == "if") return parse_block(Node::Kind::kIf);
    if (name == "range") return parse_block(Node::Kind::kRange);
    if (name == "with") return parse_block(Node::Kind::kWith);
    if (name == "break" || name == "continue") return parse_jump(name);
    if (name == "define" || name == "template" || name == "block") {
      return fail_at(at, "{{{{{}}}}} is not supported", name);
    }
    TRY(Pipeline pipeline, parse_pipeline());
    TRY_VOID(close("command"));
    return Node{Node::Kind::kAction, {}, std::move(pipeline), {}, {}};
  }

  Result<Node> parse_jump(const std::string& name) {
    const std::size_t at = peek().place.begin;
    ++next_;
    if (loops_ == 0) return fail_at(at, "{{{{{}}}}} outside {{{{range}}}}", name);
    TRY_VOID(close(name));
    return Node{name == "break" ? Node::Kind::kBreak : Node::Kind::kContinue, {}, {}, {}, {}};
  }

  Result<void> close(std::string_view context) {
    if (peek().kind != Kind::kClose || at_end()) {
      return fail_at(peek().place.begin, "unexpected {} in {}", shown(peek()), context);
    }
    ++next_;
    return {};
  }

  [[nodiscard]] std::string shown(const Token& token) const {
    const std::string_view text =
        source_.substr(token.place.begin, token.place.end - token.place.begin);
    return fmt::format("<{}>", visible(text));
  }

  // The opening word is next: "if PIPELINE}} ... {{else}} ... {{end}}".
  Result<Node> parse_block(Node::Kind kind) {
    const std::string name = tokens_[next_++].text;
    const std::size_t at = end_of_last(), visible_variables = variables_.size();
    if (++depth_ > kMaxDepth) return fail_at(at, "exceeded maximum depth ({})", kMaxDepth);
    TRY(Pipeline pipeline, parse_pipeline());
    TRY_VOID(close(name));
    Node node{kind, {}, std::move(pipeline), {}, {}};
    loops_ += kind == Node::Kind::kRange ? 1 : 0;
    TRY(node.body, parse_list());
    loops_ -= kind == Node::Kind::kRange ? 1 : 0;
    if (at_end()) return fail_at(source_.size(), "unexpected EOF");
    if (ending_ == "else") {
      TRY_VOID(parse_else(kind, node));
    } else {
      TRY_VOID(take_end());
    }
    variables_.resize(visible_variables);
    --depth_;
    return node;
  }

  Result<void> take_end() {
    if (at_end()) return fail_at(source_.size(), "unexpected EOF");
    if (ending_ != "end") return fail_at(peek().place.begin, "unexpected {{{{else}}}}");
    next_ += 2;
    return close("end");
  }

  // {{else}}, or {{else if PIPELINE}}, whose {{end}} ends both.
  Result<void> parse_else(Node::Kind kind, Node& node) {
    next_ += 2;
    const bool chains = (kind == Node::Kind::kIf && is_name("if", 0)) ||
                        (kind == Node::Kind::kWith && is_name("with", 0));
    if (chains) {
      TRY(Node inner, parse_block(kind));
      node.otherwise.push_back(std::move(inner));
      return {};
    }
    TRY_VOID(close("else"));
    TRY(node.otherwise, parse_list());
    return take_end();
  }

  // "$k, $v := COMMAND | COMMAND"; stops before what ends it.
  Result<Pipeline> parse_pipeline() {
    Pipeline pipeline;
    pipeline.place.begin = peek().place.begin;
    TRY_VOID(parse_variables(pipeline));
    while (true) {
      TRY(Command command, parse_command());
      const Operand& first = command.operands.front();
      if (!pipeline.commands.empty() && first.kind == Operand::Kind::kConstant) {
        return fail_at(first.place.begin, "non executable command in pipeline stage {}",
                       pipeline.commands.size() + 1);
      }
      pipeline.commands.push_back(std::move(command));
      if (!is_symbol("|")) break;
      ++next_;
    }
    pipeline.place.end = end_of_last();
    // Known from here on, not within the pipeline itself.
    if (pipeline.declares) {
      variables_.insert(variables_.end(), pipeline.variables.begin(), pipeline.variables.end());
    }
    return pipeline;
  }

  Result<void> parse_variables(Pipeline& pipeline) {
    const auto assigns = [&](std::size_t at) { return is_symbol(":=", at) || is_symbol("=", at); };
    if (peek().kind != Kind::kVariable) return {};
    const bool pair = is_symbol(",", 1) && peek(2).kind == Kind::kVariable && assigns(3);
    if (!pair && !assigns(1)) return {};
    pipeline.variables.push_back(peek().text);
    if (pair) pipeline.variables.push_back(peek(2).text);
    next_ += pair ? 3 : 1;
    pipeline.declares = is_symbol(":=");
    ++next_;
    if (pipeline.declares) return {};
    for (const std::string& name : pipeline.variables) TRY_VOID(check_variable(name));
    return {};
  }

  Result<void> check_variable(const std::string& name) const {
    if (name == "$" || std::ranges::find(variables_, name) != variables_.end()) return {};
    return fail_at(peek().place.begin, "undefined variable \"{}\"", name);
  }

  [[nodiscard]] bool ends_command() const {
    return peek().kind == Kind::kClose || is_symbol("|") || is_symbol(")");
  }

  Result<Command> parse_command() {
    Command command;
    command.place.begin = peek().place.begin;
    while (!ends_command()) {
      TRY(Operand operand, parse_operand());
      command.operands.push_back(std::move(operand));
    }
    if (command.operands.empty()) {
      return fail_at(command.place.begin, "missing value for command");
    }
    command.place.end = end_of_last();
    return command;
  }

  Result<Operand> parse_operand() {
    Operand operand;
    operand.place.begin = peek().place.begin;
    TRY_VOID(parse_base(operand));
    while (peek().kind == Kind::kField && !peek().spaced) {
      if (operand.kind == Operand::Kind::kConstant) {
        return fail_at(peek().place.begin, "unexpected . after term \"{}\"",
                       go_text(operand.constant));
      }
      operand.fields.push_back(tokens_[next_++].text);
    }
    operand.place.end = end_of_last();
    return operand;
  }

  Result<void> parse_base(Operand& operand) {
    const Token& token = peek();
    ++next_;
    switch (token.kind) {
      case Kind::kDot:
        return {};
      case Kind::kField:
        operand.fields.push_back(token.text);
        return {};
      case Kind::kVariable:
        operand.kind = Operand::Kind::kVariable;
        operand.name = token.text;
        return check_variable(token.text);
      case Kind::kName:
        return parse_name(token, operand);
      case Kind::kString:
      case Kind::kCharacter:
      case Kind::kNumber:
        return parse_constant(token, operand);
      default:
        if (token.kind == Kind::kSymbol && token.text == "(") return parse_inner(operand);
        return fail_at(token.place.begin, "unexpected {} in operand", shown(token));
    }
  }

  Result<void> parse_name(const Token& token, Operand& operand) {
    operand.kind = Operand::Kind::kConstant;
    if (token.text == "true" || token.text == "false") {
      operand.constant = token.text == "true";
    } else if (token.text != "nil") {
      operand.kind = Operand::Kind::kFunction;
      operand.name = token.text;
      if (!is_function(token.text)) {
        return fail_at(token.place.begin, "function \"{}\" not defined", token.text);
      }
    }
    return {};
  }

  Result<void> parse_inner(Operand& operand) {
    const std::size_t at = tokens_[next_ - 1].place.begin;
    if (++depth_ > kMaxDepth) return fail_at(at, "exceeded maximum depth ({})", kMaxDepth);
    operand.kind = Operand::Kind::kPipeline;
    TRY(Pipeline pipeline, parse_pipeline());
    if (!is_symbol(")")) return fail_at(at, "unclosed left paren");
    ++next_;
    --depth_;
    operand.inner.push_back(std::move(pipeline));
    return {};
  }

  Result<void> parse_constant(const Token& token, Operand& operand) const {
    operand.kind = Operand::Kind::kConstant;
    if (token.kind == Kind::kString) {
      operand.constant = token.text;
    } else if (token.kind == Kind::kCharacter) {
      const Rune rune = token.text.empty() ? Rune{} : first_rune(token.text);
      if (rune.length != token.text.size()) {
        return fail_at(token.place.begin, "malformed character constant: {}", shown(token));
      }
      operand.constant = static_cast<std::int64_t>(rune.value);
    } else if (!parse_number(token.text, operand.constant)) {
      return fail_at(token.place.begin, "bad number syntax: \"{}\"", visible(token.text));
    }
    return {};
  }

  static bool parse_number(std::string_view text, Json& number) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) base = 16;
    if (text.starts_with("0b")) base = 2;
    if (text.starts_with("0o")) base = 8;
    if (base != 10) text.remove_prefix(2);
    std::int64_t whole = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, whole, base);
    if (read.ptr == end && read.ec == std::errc{}) {
      number = negative ? -whole : whole;
      return true;
    }
    double real = 0;
    const auto [stop, status] = std::from_chars(text.data(), end, real);
    if (base != 10 || stop != end || status != std::errc{}) return false;
    number = negative ? -real : real;
    return true;
  }

  std::string_view source_;
  const std::vector<Token>& tokens_;
  std::size_t next_ = 0;
  int depth_ = 0, loops_ = 0;
  std::vector<std::string> variables_;
  std::string ending_;  // the word that ended the last list: "end", "else"
};

}  // namespace

Result<std::vector<Node>> parse_nodes(std::string_view text) {
  const Lexed lexed = lex(text);
  if (!lexed.error.message.empty()) {
    const auto line = std::ranges::count(text.substr(0, lexed.error.at), '\n') + 1;
    return fail("template: :{}: {}", line, lexed.error.message);
  }
  return Parser(text, lexed.tokens).run();
}

}  // namespace mycontainer::cmd::print
