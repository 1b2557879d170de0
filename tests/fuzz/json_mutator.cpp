#include "tests/fuzz/json_mutator.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>
#include <vector>

namespace mycontainer::fuzz {
namespace {

using Json = nlohmann::ordered_json;
using Random = std::minstd_rand;

std::size_t below(Random& random, std::size_t bound) { return random() / 7 % bound; }

// Every value of the tree, parents before children.
void collect(Json& value, std::vector<Json*>& values) {
  values.push_back(&value);
  if (!value.is_structured()) return;
  for (Json& child : value) collect(child, values);
}

Json awkward(Random& random) {
  static const std::array<Json, 28> kValues = {nullptr,
                                               true,
                                               false,
                                               0,
                                               1,
                                               -1,
                                               2,
                                               5,
                                               64,
                                               255,
                                               511,
                                               4095,
                                               4096,
                                               65535,
                                               65536,
                                               std::numeric_limits<std::int32_t>::max(),
                                               std::numeric_limits<std::int32_t>::min(),
                                               std::numeric_limits<std::uint32_t>::max(),
                                               std::numeric_limits<std::int64_t>::max(),
                                               std::numeric_limits<std::int64_t>::min(),
                                               std::numeric_limits<std::uint64_t>::max(),
                                               1.5,
                                               "",
                                               "/",
                                               "..",
                                               std::string("a\0b", 3),
                                               Json::array(),
                                               Json::object()};
  return kValues[below(random, kValues.size())];
}

void rename_key(Json& object, const Json& donor, Random& random) {
  if (!object.is_object() || object.empty() || !donor.is_object() || donor.empty()) return;
  const auto from = std::next(object.begin(), static_cast<long>(below(random, object.size())));
  const auto to = std::next(donor.begin(), static_cast<long>(below(random, donor.size())));
  const std::string key = to.key();
  Json moved = *from;
  object.erase(from);
  object[key] = std::move(moved);
}

void remove_child(Json& value, Random& random) {
  if (!value.is_structured() || value.empty()) return;
  value.erase(std::next(value.begin(), static_cast<long>(below(random, value.size()))));
}

void add_child(Json& value, const Json& donor, Random& random) {
  if (value.is_array()) value.push_back(donor);
  if (!value.is_object() || !donor.is_object() || donor.empty()) return;
  const auto from = std::next(donor.begin(), static_cast<long>(below(random, donor.size())));
  const std::string key = from.key();
  value[key] = Json(*from);
}

void change_text(std::string& text, Random& random) {
  static const std::array<std::string, 6> kPieces = {std::string(1, '\0'), "/", ":", "=", "..",
                                                     "\xef\xbf\xbd"};
  if (below(random, 3) == 0)
    text.resize(text.size() / 2);
  else
    text.insert(below(random, text.size() + 1), kPieces[below(random, kPieces.size())]);
}

// Stays of its type, so that it passes the reader.
void change_leaf(Json& value, Random& random) {
  if (value.is_string()) change_text(value.get_ref<std::string&>(), random);
  if (value.is_boolean()) value = !value.get<bool>();
  if (!value.is_number_integer()) return;
  const auto old = value.get<std::uint64_t>();
  if (below(random, 2) == 0)
    value = old ^ std::uint64_t{1} << below(random, 64);
  else
    value = static_cast<std::int64_t>(old + 1);
}

void change_once(Json& tree, Random& random) {
  std::vector<Json*> values;
  collect(tree, values);
  Json& target = *values[below(random, values.size())];
  const Json donor = *values[below(random, values.size())];
  switch (below(random, 8)) {
    case 0:
      return void(target = donor);
    case 1:
      return void(target = awkward(random));
    case 2:
      return remove_child(target, random);
    case 3:
      return rename_key(target, donor, random);
    case 4:
      return change_leaf(target, random);
    case 5:  // a leaf gets another leaf: names in the place of names
      if (!target.is_structured() && target.type() == donor.type()) target = donor;
      return;
    default:
      return add_child(target, donor, random);
  }
}

bool is_deep(std::string_view text) {
  return std::count(text.begin(), text.end(), '[') + std::count(text.begin(), text.end(), '{') >
         4000;
}

}  // namespace

std::string mutate_json(std::string_view text, std::uint32_t seed) {
  if (is_deep(text)) return {};
  Json tree = Json::parse(text, nullptr, false);
  if (!tree.is_object()) return {};
  Random random(seed);
  const std::size_t changes = 1 + below(random, 3);
  for (std::size_t i = 0; i < changes; ++i) change_once(tree, random);
  return tree.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mycontainer::fuzz
