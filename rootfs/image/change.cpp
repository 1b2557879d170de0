#include "rootfs/image/change.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "reexec/sys/go_duration.h"
#include "rootfs/image/instruction_words.h"

namespace mycontainer::rootfs::image {

namespace {

using Words = std::vector<std::string>;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr unsigned kMaxPort = 65535;

// The configuration under way, and what Docker remembers between instructions.
struct State {
  ContainerConfig config;
  bool cmd_was_set = false;
};

std::string upper(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return all;
}

void insert_sorted(Words& list, std::string text) {
  const auto at = std::ranges::lower_bound(list, text);
  if (at == list.end() || *at != text) list.insert(at, std::move(text));
}

Result<Words> expanded_words(std::string_view text, const Words& env) {
  Words all;
  for (const std::string& word : split_words(text)) {
    TRY(std::string one, expand(word, env));
    all.push_back(std::move(one));
  }
  return all;
}

Words command(const State& state, std::string_view text) {
  if (auto words = exec_form(text)) return std::move(*words);
  Words words = state.config.shell.empty() ? Words{"/bin/sh", "-c"} : state.config.shell;
  words.emplace_back(text);
  return words;
}

Result<void> cmd(State& state, std::string_view text) {
  state.config.cmd = command(state, text);
  state.cmd_was_set = !state.config.cmd.empty();
  state.config.args_escaped = false;
  return {};
}

Result<void> entrypoint(State& state, std::string_view text) {
  state.config.entrypoint = command(state, text);
  if (!state.cmd_was_set) state.config.cmd.clear();
  return {};
}

// "NAME=value NAME2=value2", or the old form "NAME value to the end".
Result<std::vector<std::pair<std::string, std::string>>> pairs(std::string_view name,
                                                               std::string_view text,
                                                               const Words& env) {
  std::vector<std::pair<std::string, std::string>> all;
  const Words words = split_words(text);
  if (words.front().find('=') == std::string::npos) {
    const std::string& key = words.front();
    const std::string_view value = trim(text.substr(std::min(key.size(), text.size())));
    if (value.empty()) return fail("{} must have two arguments", name);
    TRY(std::string expanded_key, expand(key, env));
    TRY(std::string expanded_value, expand(value, env));
    all.emplace_back(std::move(expanded_key), std::move(expanded_value));
    return all;
  }
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      return fail("Syntax error - can't find = in \"{}\". Must be of the form: name=value", word);
    }
    TRY(std::string key, expand(std::string_view(word).substr(0, equals), env));
    TRY(std::string value, expand(std::string_view(word).substr(equals + 1), env));
    if (key.empty()) return fail("{} names can not be blank", name);
    all.emplace_back(std::move(key), std::move(value));
  }
  return all;
}

Result<void> env(State& state, std::string_view text) {
  // All words see the variables as they were before the instruction.
  TRY(const auto added, pairs("ENV", text, state.config.env));
  for (const auto& [name, value] : added) {
    const std::string prefix = name + "=";
    if (name.find('=') != std::string::npos) return fail("ENV name \"{}\" has a \"=\"", name);
    const auto old = std::ranges::find_if(
        state.config.env, [&](const std::string& entry) { return entry.starts_with(prefix); });
    if (old != state.config.env.end()) {
      *old = prefix + value;
    } else {
      state.config.env.push_back(prefix + value);
    }
  }
  return {};
}

Result<void> label(State& state, std::string_view text) {
  TRY(const auto added, pairs("LABEL", text, state.config.env));
  for (const auto& [name, value] : added) state.config.labels[name] = value;
  return {};
}

Result<unsigned> port_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size() || number > kMaxPort) {
    return fail("Invalid containerPort: {}", text);
  }
  return number;
}

Result<void> expose(State& state, std::string_view text) {
  TRY(const Words words, expanded_words(text, state.config.env));
  for (const std::string& word : words) {
    const std::size_t slash = word.find('/');
    const std::string_view ports = std::string_view(word).substr(0, slash);
    std::string protocol = slash == std::string::npos ? "tcp" : word.substr(slash + 1);
    std::ranges::transform(protocol, protocol.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
      return fail("invalid proto: {}", protocol);
    }
    const std::size_t dash = ports.find('-');
    TRY(const unsigned first, port_number(ports.substr(0, dash)));
    unsigned last = first;
    if (dash != std::string_view::npos) {
      TRY(last, port_number(ports.substr(dash + 1)));
    }
    if (last < first) return fail("invalid range format for port: {}", ports);
    for (unsigned port = first; port <= last; ++port) {
      insert_sorted(state.config.exposed_ports, fmt::format("{}/{}", port, protocol));
    }
  }
  return {};
}

Result<std::int64_t> health_duration(std::string_view option, std::string_view text) {
  TRY(const std::int64_t value, reexec::sys::parse_go_duration(text));
  if (value != 0 && value < kMillisecond) {
    return fail("Interval \"{}\" cannot be less than 1ms", option);
  }
  return value;
}

Result<void> health_option(Healthcheck& check, const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) return fail("Missing a value on flag: {}", word.substr(2));
  const std::string name = word.substr(2, equals - 2);
  const std::string_view value = std::string_view(word).substr(equals + 1);
  if (name == "retries") {
    const auto [end, status] =
        std::from_chars(value.data(), value.data() + value.size(), check.retries);
    if (status != std::errc{} || end != value.data() + value.size() || check.retries < 0) {
      return fail("--retries cannot be \"{}\"", value);
    }
    return {};
  }
  const std::array<std::pair<std::string_view, std::int64_t*>, 4> spans = {
      {{"interval", &check.interval},
       {"timeout", &check.timeout},
       {"start-period", &check.start_period},
       {"start-interval", &check.start_interval}}};
  for (const auto& [known, span] : spans) {
    if (name != known) continue;
    TRY(*span, health_duration(known, value));
    return {};
  }
  return fail("Unknown flag: {}", name);
}

Result<void> healthcheck(State& state, std::string_view text) {
  Healthcheck check;
  while (text.starts_with("--")) {
    const std::string word(text.substr(0, text.find_first_of(" \t")));
    TRY_VOID(health_option(check, word));
    text = trim(text.substr(word.size()));
  }
  const std::string_view kind = text.substr(0, text.find_first_of(" \t"));
  const std::string_view rest = trim(text.substr(kind.size()));
  if (upper(kind) == "NONE") {
    if (!rest.empty()) return fail("HEALTHCHECK NONE takes no arguments");
    check.test = {"NONE"};
  } else if (upper(kind) == "CMD") {
    if (rest.empty()) return fail("Missing command after HEALTHCHECK CMD");
    const auto words = exec_form(rest);
    check.test = words ? Words{"CMD"} : Words{"CMD-SHELL", std::string(rest)};
    if (words) check.test.insert(check.test.end(), words->begin(), words->end());
  } else {
    return fail("Unknown type \"{}\" in HEALTHCHECK (try CMD)", upper(kind));
  }
  state.config.healthcheck = std::move(check);
  return {};
}

Result<void> on_build(State& state, std::string_view text) {
  const std::string trigger = upper(text.substr(0, text.find_first_of(" \t")));
  if (trigger == "ONBUILD") return fail("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger == "FROM" || trigger == "MAINTAINER") {
    return fail("{} isn't allowed as an ONBUILD trigger", trigger);
  }
  state.config.on_build.emplace_back(text);
  return {};
}

Result<std::string> one_word(std::string_view name, const State& state, std::string_view text) {
  TRY(std::string word, expand(text, state.config.env));
  if (word.empty()) return fail("{} requires exactly one argument", name);
  return word;
}

Result<void> stop_signal(State& state, std::string_view text) {
  TRY(state.config.stop_signal, one_word("STOPSIGNAL", state, text));
  return {};
}

Result<void> user(State& state, std::string_view text) {
  TRY(state.config.user, one_word("USER", state, text));
  return {};
}

Result<void> volume(State& state, std::string_view text) {
  Words words;
  if (const auto json = exec_form(text)) {
    for (const std::string& word : *json) {
      TRY(std::string one, expand(word, state.config.env));
      words.push_back(std::move(one));
    }
  } else {
    TRY(words, expanded_words(text, state.config.env));
  }
  if (words.empty()) return fail("VOLUME requires at least one argument");
  for (std::string& word : words) {
    if (trim(word).empty()) return fail("VOLUME specified can not be an empty string");
    insert_sorted(state.config.volumes, std::move(word));
  }
  return {};
}

// Lexically, as Docker does it: the image's links are nobody's business here.
std::string clean(std::string_view path) {
  std::string all;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      all.resize(all.empty() ? 0 : all.rfind('/'));
    } else {
      all.append("/").append(part);
    }
  }
  return all.empty() ? "/" : all;
}

Result<void> work_directory(State& state, std::string_view text) {
  TRY(const std::string path, one_word("WORKDIR", state, text));
  std::string& directory = state.config.working_directory;
  directory = clean(path.starts_with('/') ? path : directory + "/" + path);
  return {};
}

struct Instruction {
  std::string_view name;
  Result<void> (*apply)(State& state, std::string_view text);  // nullptr: of a build only
};
constexpr std::array kInstructions = {Instruction{"CMD", cmd},
                                      Instruction{"ENTRYPOINT", entrypoint},
                                      Instruction{"ENV", env},
                                      Instruction{"EXPOSE", expose},
                                      Instruction{"HEALTHCHECK", healthcheck},
                                      Instruction{"LABEL", label},
                                      Instruction{"ONBUILD", on_build},
                                      Instruction{"STOPSIGNAL", stop_signal},
                                      Instruction{"USER", user},
                                      Instruction{"VOLUME", volume},
                                      Instruction{"WORKDIR", work_directory},
                                      Instruction{"ADD", nullptr},
                                      Instruction{"ARG", nullptr},
                                      Instruction{"COPY", nullptr},
                                      Instruction{"FROM", nullptr},
                                      Instruction{"MAINTAINER", nullptr},
                                      Instruction{"RUN", nullptr},
                                      Instruction{"SHELL", nullptr}};

Result<void> apply_line(State& state, std::string_view line) {
  const std::string name = upper(line.substr(0, line.find_first_of(" \t")));
  const auto* const known = std::ranges::find(kInstructions, name, &Instruction::name);
  if (known == kInstructions.end()) return fail("unknown instruction: {}", name.substr(0, 100));
  if (known->apply == nullptr) return fail("{} is not a valid change command", name);
  const std::string_view text = trim(line.substr(name.size()));
  if (text.empty()) return fail("{} requires at least one argument", name);
  return known->apply(state, text);
}

// Lines without comments, those that end with a backslash with what follows them.
Words logical_lines(std::string_view text) {
  Words lines;
  bool goes_on = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (!goes_on) lines.emplace_back();
    goes_on = line.back() == '\\';
    if (goes_on) line.remove_suffix(1);
    lines.back() += line;
  }
  return lines;
}

}  // namespace

Result<void> apply_changes(ContainerConfig& config, const std::vector<std::string>& changes) {
  State state{config};
  for (const std::string& change : changes) {
    for (const std::string& line : logical_lines(change)) TRY_VOID(apply_line(state, line));
  }
  config = std::move(state.config);
  return {};
}

}  // namespace mycontainer::rootfs::image
