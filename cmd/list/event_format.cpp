#include "cmd/list/event_format.h"

#include <fmt/core.h>

#include <algorithm>

#include "cmd/print/text.h"
#include "cmd/print/units.h"

namespace mycontainer::cmd::list {
namespace {

using runtime::state::Event;

constexpr std::string_view kKnown[] = {"container", "event", "image",  "label", "network",
                                       "scope",     "type",  "volume", "daemon"};

std::string attribute(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end() ? std::string() : found->second;
}

// Everything after the colon belongs to the command that exec was asked for.
std::string_view kind_of(std::string_view action) { return action.substr(0, action.find(':')); }

template <class Judge>
bool any_value(const Filters& filters, const std::string& name, const Judge& judge) {
  const auto values = values_of(filters, name);
  return values.empty() || std::ranges::any_of(values, judge);
}

// By name or by the beginning of the id.
bool is_of_actor(const Event& event, std::string_view type, const std::string& word) {
  if (event.type != type || word.empty()) return false;
  return event.id.starts_with(word) || attribute(event, "name") == word;
}

bool is_of_image(const Event& event, const std::string& word) {
  const std::string image = event.type == "image" ? event.id : attribute(event, "image");
  return image == word || image == word + ":latest" || image.substr(0, image.find(':')) == word;
}

}  // namespace

std::string event_line(const Event& event) {
  std::string line =
      fmt::format("{} {} {} {}", print::local_time_nano(event.time), print::visible(event.type),
                  print::visible(event.action), print::visible(event.id));
  std::string attributes;
  for (const auto& [key, value] : event.attributes) {
    if (!attributes.empty()) attributes += ", ";
    attributes += print::visible(key) + "=" + print::visible(value);
  }
  return attributes.empty() ? line + "\n" : fmt::format("{} ({})\n", line, attributes);
}

print::Json event_document(const Event& event) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  print::Json document = print::Json::object();
  if (event.type == "container") {
    document["status"] = event.action;
    document["id"] = event.id;
    document["from"] = attribute(event, "image");
  }
  document["Type"] = event.type;
  document["Action"] = event.action;
  document["Actor"] = {{"ID", event.id}, {"Attributes", event.attributes}};
  document["scope"] = "local";
  document["time"] = event.time / kSecond;
  document["timeNano"] = event.time;
  return document;
}

Result<void> check_event_filters(const Filters& filters) { return check_filters(filters, kKnown); }

bool takes_event(const Filters& filters, const Event& event) {
  return any_value(filters, "event",
                   [&](const std::string& word) {
                     return word == event.action || word == kind_of(event.action);
                   }) &&
         matches_exactly(filters, "type", event.type) &&
         matches_exactly(filters, "scope", "local") && values_of(filters, "daemon").empty() &&
         matches_labels(values_of(filters, "label"), event.attributes) &&
         any_value(filters, "container",
                   [&](const auto& word) { return is_of_actor(event, "container", word); }) &&
         any_value(filters, "volume",
                   [&](const auto& word) { return is_of_actor(event, "volume", word); }) &&
         any_value(filters, "network",
                   [&](const auto& word) { return is_of_actor(event, "network", word); }) &&
         any_value(filters, "image", [&](const auto& word) { return is_of_image(event, word); });
}

}  // namespace mycontainer::cmd::list
