#include "cmd/list/image_document.h"

#include <algorithm>

#include "cmd/print/text.h"
#include "cmd/print/units.h"
#include "rootfs/image/reference.h"
#include "runtime/lifecycle/utc_time.h"
#include "runtime/log/time_text.h"

namespace mycontainer::cmd::list {
namespace {

using print::Json;
namespace image = rootfs::image;
using Strings = std::vector<std::string>;

constexpr std::size_t kShortCommand = 45;

Json familiar_names(const Strings& names) {
  Json all = Json::array();
  for (const std::string& name : names) {
    const auto reference = image::parse_reference(name);
    all.push_back(reference ? reference->familiar() : name);
  }
  return all;
}

Json list_or_null(const Strings& list) { return list.empty() ? Json(nullptr) : Json(list); }

Json set_of(const Strings& list) {
  Json set = Json::object();
  for (const std::string& key : list) set[key] = Json::object();
  return set;
}

Json health_check(const image::Healthcheck& check) {
  Json object = {{"Test", check.test}};
  if (check.interval != 0) object["Interval"] = check.interval;
  if (check.timeout != 0) object["Timeout"] = check.timeout;
  if (check.start_period != 0) object["StartPeriod"] = check.start_period;
  if (check.start_interval != 0) object["StartInterval"] = check.start_interval;
  if (check.retries != 0) object["Retries"] = check.retries;
  return object;
}

Json config_document(const image::ContainerConfig& config) {
  Json object = {{"Hostname", ""},       {"Domainname", ""},      {"User", config.user},
                 {"AttachStdin", false}, {"AttachStdout", false}, {"AttachStderr", false}};
  if (!config.exposed_ports.empty()) object["ExposedPorts"] = set_of(config.exposed_ports);
  for (const char* name : {"Tty", "OpenStdin", "StdinOnce"}) object[name] = false;
  object["Env"] = list_or_null(config.env);
  object["Cmd"] = list_or_null(config.cmd);
  if (config.healthcheck) object["Healthcheck"] = health_check(*config.healthcheck);
  if (config.args_escaped) object["ArgsEscaped"] = true;
  object["Image"] = "";
  object["Volumes"] = config.volumes.empty() ? Json(nullptr) : set_of(config.volumes);
  object["WorkingDir"] = config.working_directory;
  object["Entrypoint"] = list_or_null(config.entrypoint);
  object["OnBuild"] = list_or_null(config.on_build);
  object["Labels"] = config.labels.empty() ? Json(nullptr) : Json(config.labels);
  if (!config.stop_signal.empty()) object["StopSignal"] = config.stop_signal;
  if (!config.shell.empty()) object["Shell"] = config.shell;
  return object;
}

Json driver_document(const ImageEntry& entry, const rootfs::layer::LayerStore& layers) {
  Json data = Json::object();
  std::string lower;
  for (auto layer = entry.layers.rbegin(); layer != entry.layers.rend(); ++layer) {
    const std::string tree = layers.tree(layer->chain_id);
    if (layer == entry.layers.rbegin()) {
      data["UpperDir"] = tree;
    } else {
      lower += (lower.empty() ? "" : ":") + tree;
    }
  }
  if (!lower.empty()) data["LowerDir"] = lower;
  return {{"Data", data}, {"Name", "overlay"}};
}

Json root_document(const image::Config& config) {
  Json layers = Json::array();
  for (const auto& digest : config.diff_ids) layers.push_back(digest.text());
  return {{"Type", "layers"}, {"Layers", layers}};
}

struct Step {
  image::History history;
  std::uint64_t bytes = 0;
};

// The first one first. Layers that the history does not tell of lie below those it does: a commit
// adds its own step to whatever the base has.
std::vector<Step> steps_of(const ImageEntry& entry) {
  std::vector<Step> steps;
  auto layer = entry.layers.begin();
  const auto told = std::ranges::count(entry.config.history, false, &image::History::empty_layer);
  while (entry.layers.end() - layer > told) steps.push_back({{}, (layer++)->bytes});
  for (const image::History& history : entry.config.history) {
    Step& step = steps.emplace_back(Step{history, 0});
    if (!history.empty_layer && layer != entry.layers.end()) step.bytes = (layer++)->bytes;
  }
  return steps;
}

Json step_document(const Step& step, const std::string& id, const HistoryStyle& style) {
  const auto created = runtime::log::parse_time(step.history.created);
  std::string by = step.history.created_by;
  std::ranges::replace(by, '\t', ' ');
  const std::string at = created ? runtime::lifecycle::utc_time(*created) : "";
  const std::string since =
      created ? print::human_duration(style.now - *created) + " ago" : std::string("N/A");
  return {{"Comment", print::visible(step.history.comment)},
          {"CreatedAt", at},
          {"CreatedBy", print::visible(style.truncates ? print::ellipsis(by, kShortCommand) : by)},
          {"CreatedSince", style.human ? since : at},
          {"ID", id},
          {"Size", style.human ? print::human_size(step.bytes, 3) : std::to_string(step.bytes)}};
}

}  // namespace

Json image_document(const ImageEntry& entry, const rootfs::layer::LayerStore& layers) {
  const image::Config& config = entry.config;
  const bool has_history = !config.history.empty();
  Json document = {{"Id", entry.image.id.text()},
                   {"RepoTags", familiar_names(entry.image.names)},
                   {"RepoDigests", familiar_names(entry.image.repo_digests)},
                   {"Parent", ""},
                   {"Comment", has_history ? config.history.back().comment : ""},
                   {"Created", config.created},
                   {"DockerVersion", ""},
                   {"Author", config.author},
                   {"Config", config_document(config.config)},
                   {"Architecture", config.platform.architecture}};
  if (!config.platform.variant.empty()) document["Variant"] = config.platform.variant;
  document["Os"] = config.platform.os;
  document["Size"] = entry.size();
  document["GraphDriver"] = driver_document(entry, layers);
  document["RootFS"] = root_document(config);
  document["Metadata"] = {{"LastTagTime", "0001-01-01T00:00:00Z"}};
  return document;
}

std::vector<Json> history_documents(const ImageEntry& entry, const HistoryStyle& style) {
  std::vector<Json> documents;
  std::vector<Step> steps = steps_of(entry);
  std::ranges::reverse(steps);
  for (const Step& step : steps) {
    std::string id = "<missing>";
    if (documents.empty()) {
      id = style.truncates ? entry.image.id.short_hex() : entry.image.id.text();
    }
    documents.push_back(step_document(step, id, style));
  }
  return documents;
}

}  // namespace mycontainer::cmd::list
