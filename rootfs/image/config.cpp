#include "rootfs/image/config.h"

#include <algorithm>

#include "rootfs/image/json.h"

namespace mycontainer::rootfs::image {

namespace {

constexpr std::size_t kMaxHistory = 10000;

// A set is written as {"80/tcp": {}}.
Result<void> take_set(const Json& object, const char* name, std::vector<std::string>& value) {
  const Json* json = member(object, name);
  if (json == nullptr) return {};
  if (!json->is_object()) return fail("\"{}\" is not an object", name);
  for (const auto& [key, ignored] : json->items()) {
    if (key.find('\0') != std::string::npos) return fail("\"{}\" has a zero byte", name);
    value.push_back(key);
  }
  std::ranges::sort(value);
  return {};
}

// Docker takes a string for a list of one here.
Result<void> take_words(const Json& object, const char* name, std::vector<std::string>& value) {
  const Json* json = member(object, name);
  if (json == nullptr || !json->is_string()) return take(object, name, value);
  std::string word;
  TRY_VOID(take(object, name, word));
  value = {std::move(word)};
  return {};
}

Result<void> check_environment(const std::vector<std::string>& env) {
  for (const std::string& entry : env) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail("the environment entry \"{}\" has no name or no value", entry.substr(0, 100));
    }
  }
  return {};
}

Result<Healthcheck> healthcheck_of(const Json& json) {
  if (!json.is_object()) return fail("\"Healthcheck\" is not an object");
  Healthcheck check;
  std::int64_t retries = 0;
  TRY_VOID(take(json, "Test", check.test));
  TRY_VOID(take(json, "Interval", check.interval));
  TRY_VOID(take(json, "Timeout", check.timeout));
  TRY_VOID(take(json, "StartPeriod", check.start_period));
  TRY_VOID(take(json, "StartInterval", check.start_interval));
  TRY_VOID(take(json, "Retries", retries));
  const auto all = {check.interval, check.timeout, check.start_period, check.start_interval,
                    retries};
  if (std::ranges::any_of(all, [](std::int64_t value) { return value < 0; }) ||
      retries > INT32_MAX) {
    return fail("\"Healthcheck\" has a number out of range");
  }
  check.retries = static_cast<int>(retries);
  return check;
}

Result<ContainerConfig> container_config_of(const Json& json) {
  if (!json.is_object()) return fail("\"config\" is not an object");
  ContainerConfig config;
  TRY_VOID(take(json, "User", config.user));
  TRY_VOID(take(json, "WorkingDir", config.working_directory));
  TRY_VOID(take(json, "StopSignal", config.stop_signal));
  TRY_VOID(take(json, "Env", config.env));
  TRY_VOID(check_environment(config.env));
  TRY_VOID(take_words(json, "Entrypoint", config.entrypoint));
  TRY_VOID(take_words(json, "Cmd", config.cmd));
  TRY_VOID(take(json, "Shell", config.shell));
  TRY_VOID(take(json, "OnBuild", config.on_build));
  TRY_VOID(take_set(json, "ExposedPorts", config.exposed_ports));
  TRY_VOID(take_set(json, "Volumes", config.volumes));
  TRY_VOID(take(json, "Labels", config.labels));
  TRY_VOID(take(json, "ArgsEscaped", config.args_escaped));
  if (const Json* check = member(json, "Healthcheck")) {
    TRY(config.healthcheck, healthcheck_of(*check));
  }
  return config;
}

Result<std::vector<Digest>> diff_ids_of(const Json& json) {
  std::vector<Digest> all;
  const Json* rootfs = member(json, "rootfs");
  if (rootfs == nullptr || !rootfs->is_object()) return fail("it has no \"rootfs\"");
  std::vector<std::string> texts;
  TRY_VOID(take(*rootfs, "diff_ids", texts));
  for (const std::string& text : texts) {
    TRY(Digest digest, Digest::parse(text));
    all.push_back(std::move(digest));
  }
  return all;
}

Result<std::vector<History>> history_of(const Json& json) {
  std::vector<History> all;
  const Json* list = member(json, "history");
  if (list == nullptr) return all;
  if (!list->is_array() || list->size() > kMaxHistory) return fail("\"history\" is no short list");
  for (const Json& element : *list) {
    if (!element.is_object()) return fail("\"history\" has what is not an object");
    History& entry = all.emplace_back();
    TRY_VOID(take(element, "created", entry.created));
    TRY_VOID(take(element, "created_by", entry.created_by));
    TRY_VOID(take(element, "author", entry.author));
    TRY_VOID(take(element, "comment", entry.comment));
    TRY_VOID(take(element, "empty_layer", entry.empty_layer));
  }
  return all;
}

Result<Config> config_of(const Json& json) {
  Config config;
  TRY_VOID(take(json, "os", config.platform.os));
  TRY_VOID(take(json, "architecture", config.platform.architecture));
  TRY_VOID(take(json, "variant", config.platform.variant));
  TRY_VOID(take(json, "os.version", config.platform.os_version));
  TRY_VOID(take(json, "created", config.created));
  TRY_VOID(take(json, "author", config.author));
  if (const Json* inner = member(json, "config")) {
    TRY(config.config, container_config_of(*inner));
  }
  TRY(config.diff_ids, diff_ids_of(json));
  TRY(config.history, history_of(json));
  return config;
}

void put(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}
void put(Json& json, const char* name, const std::vector<std::string>& value) {
  if (!value.empty()) json[name] = value;
}
void put_set(Json& json, const char* name, const std::vector<std::string>& value) {
  for (const std::string& key : value) json[name][key] = Json::object();
}
void put(Json& json, const char* name, std::int64_t value) {
  if (value != 0) json[name] = value;
}

Json to_json_value(const Healthcheck& check) {
  Json json = Json::object();
  put(json, "Test", check.test);
  put(json, "Interval", check.interval);
  put(json, "Timeout", check.timeout);
  put(json, "StartPeriod", check.start_period);
  put(json, "StartInterval", check.start_interval);
  put(json, "Retries", check.retries);
  return json;
}

Json to_json_value(const ContainerConfig& config) {
  Json json = Json::object();
  put(json, "User", config.user);
  put(json, "WorkingDir", config.working_directory);
  put(json, "StopSignal", config.stop_signal);
  put(json, "Env", config.env);
  put(json, "Entrypoint", config.entrypoint);
  put(json, "Cmd", config.cmd);
  put(json, "Shell", config.shell);
  put(json, "OnBuild", config.on_build);
  put_set(json, "ExposedPorts", config.exposed_ports);
  put_set(json, "Volumes", config.volumes);
  if (!config.labels.empty()) json["Labels"] = config.labels;
  if (config.args_escaped) json["ArgsEscaped"] = true;
  if (config.healthcheck) json["Healthcheck"] = to_json_value(*config.healthcheck);
  return json;
}

Json to_json_value(const History& entry) {
  Json json = Json::object();
  put(json, "created", entry.created);
  put(json, "created_by", entry.created_by);
  put(json, "author", entry.author);
  put(json, "comment", entry.comment);
  if (entry.empty_layer) json["empty_layer"] = true;
  return json;
}

}  // namespace

Result<Config> parse_config(std::string_view text) {
  TRY(const Json json, parse_object(text, "image configuration"));
  auto config = config_of(json);
  if (!config) return within("image configuration", std::move(config).error());
  return config;
}

std::string to_json(const Config& config) {
  Json json{{"os", config.platform.os}, {"architecture", config.platform.architecture}};
  put(json, "variant", config.platform.variant);
  put(json, "os.version", config.platform.os_version);
  put(json, "created", config.created);
  put(json, "author", config.author);
  json["config"] = to_json_value(config.config);
  json["rootfs"] = {{"type", "layers"}, {"diff_ids", Json::array()}};
  for (const Digest& digest : config.diff_ids) json["rootfs"]["diff_ids"].push_back(digest.text());
  json["history"] = Json::array();
  for (const History& entry : config.history) json["history"].push_back(to_json_value(entry));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mycontainer::rootfs::image
