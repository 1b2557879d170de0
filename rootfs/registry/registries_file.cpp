#include "rootfs/registry/registries_file.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "reexec/sys/file.h"
#include "rootfs/image/reference.h"

namespace mycontainer::rootfs::registry {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20;

// Where something stands, for messages.
struct Reader {
  const std::string& file;

  template <class... Args>
  [[nodiscard]] Failure wrong(const toml::node& node, fmt::format_string<Args...> format,
                              Args&&... args) const {
    return fail("{}:{}: {}", file, node.source().begin.line,
                fmt::format(format, std::forward<Args>(args)...));
  }
};

Result<std::string> text_of(const Reader& reader, const toml::node& node, std::string_view key) {
  if (const auto value = node.value_exact<std::string>()) return *value;
  return reader.wrong(node, "{} must be a string", key);
}

Result<std::string> text_in(const Reader& reader, const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::string();
  return text_of(reader, *node, key);
}

Result<std::optional<bool>> flag_in(const Reader& reader, const toml::table& table,
                                    std::string_view key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::optional<bool>();
  if (const auto value = node->value_exact<bool>()) return value;
  return reader.wrong(*node, "{} must be true or false", key);
}

// Calls `take` with each table of an array of tables.
template <class Take>
Result<void> for_each_table(const Reader& reader, const toml::table& parent, std::string_view key,
                            Take take) {
  const toml::node* node = parent.get(key);
  if (node == nullptr) return {};
  const toml::array* list = node->as_array();
  if (list == nullptr) return reader.wrong(*node, "{0} must be an array of tables, [[{0}]]", key);
  for (const toml::node& entry : *list) {
    const toml::table* table = entry.as_table();
    if (table == nullptr) return reader.wrong(entry, "{} must hold tables", key);
    TRY_VOID(take(*table));
  }
  return {};
}

// "quay.io", "quay.io/ada": what a path can be added to, and the registry is recognized.
bool is_place(const std::string& text) {
  const auto reference = image::parse_reference(text + "/x");
  return reference && reference->domain == text.substr(0, text.find('/'));
}

// A prefix may also be a whole image ("quay.io/ada/app:1") or all hosts of a domain.
bool is_prefix(const std::string& text) {
  if (text.starts_with("*.")) return text.find('/') == text.npos && is_place("x" + text.substr(1));
  const auto whole = image::parse_reference(text);
  return is_place(text) || (whole && whole->domain == text.substr(0, text.find('/')));
}

Result<std::string> location_in(const Reader& reader, const toml::table& table) {
  TRY(std::string location, text_in(reader, table, "location"));
  while (location.ends_with('/')) location.pop_back();
  if (location.empty() || is_prefix(location)) return location;
  return reader.wrong(*table.get("location"),
                      "location \"{}\" is not HOST[:PORT][/PATH] (without \"https://\")", location);
}

Result<PullFrom> pull_from_in(const Reader& reader, const toml::table& table) {
  TRY(const std::string word, text_in(reader, table, "pull-from-mirror"));
  if (word.empty() || word == "all") return PullFrom::kAll;
  if (word == "digest-only") return PullFrom::kDigestOnly;
  if (word == "tag-only") return PullFrom::kTagOnly;
  return reader.wrong(*table.get("pull-from-mirror"),
                      "pull-from-mirror is \"all\", \"digest-only\" or \"tag-only\", not \"{}\"",
                      word);
}

Result<MirrorTable> read_mirror(const Reader& reader, const toml::table& table,
                                bool by_digest_only) {
  MirrorTable mirror;
  TRY(mirror.location, location_in(reader, table));
  if (mirror.location.empty()) return reader.wrong(table, "a mirror needs a location");
  TRY(mirror.insecure, flag_in(reader, table, "insecure"));
  TRY(mirror.pull_from, pull_from_in(reader, table));
  if (!by_digest_only) return mirror;
  if (const toml::node* both = table.get("pull-from-mirror")) {
    return reader.wrong(*both, "pull-from-mirror conflicts with mirror-by-digest-only");
  }
  mirror.pull_from = PullFrom::kDigestOnly;
  return mirror;
}

Result<void> read_names(const Reader& reader, const toml::table& table, RegistryTable& registry) {
  TRY(registry.location, location_in(reader, table));
  TRY(registry.prefix, text_in(reader, table, "prefix"));
  if (registry.prefix.empty()) registry.prefix = registry.location;
  if (registry.prefix.empty()) return reader.wrong(table, "a registry needs a location");
  if (!is_prefix(registry.prefix)) {
    return reader.wrong(table, "prefix \"{}\" is not HOST[:PORT][/PATH] or *.HOST",
                        registry.prefix);
  }
  if (registry.location.empty() && !registry.prefix.starts_with("*.")) {
    return reader.wrong(table, "registry \"{}\" needs a location", registry.prefix);
  }
  return {};
}

Result<RegistryTable> read_registry(const Reader& reader, const toml::table& table) {
  RegistryTable registry;
  registry.file = reader.file;
  TRY_VOID(read_names(reader, table, registry));
  TRY(registry.insecure, flag_in(reader, table, "insecure"));
  TRY(const auto blocked, flag_in(reader, table, "blocked"));
  registry.blocked = blocked.value_or(false);
  TRY(const auto by_digest_only, flag_in(reader, table, "mirror-by-digest-only"));
  TRY_VOID(for_each_table(reader, table, "mirror", [&](const toml::table& entry) -> Result<void> {
    TRY(MirrorTable mirror, read_mirror(reader, entry, by_digest_only.value_or(false)));
    registry.mirrors.push_back(std::move(mirror));
    return {};
  }));
  return registry;
}

Result<void> read_aliases(const Reader& reader, const toml::table& root, RegistriesFile& file) {
  const toml::node* node = root.get("aliases");
  if (node == nullptr) return {};
  const toml::table* table = node->as_table();
  if (table == nullptr) return reader.wrong(*node, "aliases must be a table, [aliases]");
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    TRY(const std::string target, text_of(reader, value, name));
    const auto alias = image::parse_reference(name);
    if (!alias || alias->familiar() != name || alias->domain != "docker.io" ||
        !alias->tag.empty() || !alias->digest.empty()) {
      return reader.wrong(value, "alias \"{}\" is not a short name without a tag", name);
    }
    const auto whole = image::parse_reference(target);
    if (!target.empty() && (!whole || whole->domain != target.substr(0, target.find('/')) ||
                            !whole->tag.empty() || !whole->digest.empty())) {
      return reader.wrong(value, "alias \"{}\" leads to \"{}\", which is not HOST/NAME", name,
                          target);
    }
    file.aliases[name] = target;
  }
  return {};
}

Result<void> read_search(const Reader& reader, const toml::table& root, RegistriesFile& file) {
  constexpr std::string_view kKey = "unqualified-search-registries";
  const toml::node* node = root.get(kKey);
  if (node == nullptr) return {};
  const toml::array* list = node->as_array();
  if (list == nullptr) return reader.wrong(*node, "{} must be an array of strings", kKey);
  file.search.emplace();
  for (const toml::node& entry : *list) {
    TRY(std::string host, text_of(reader, entry, kKey));
    while (host.ends_with('/')) host.pop_back();
    if (!is_place(host)) return reader.wrong(entry, "\"{}\" is not HOST[:PORT]", host);
    file.search->push_back(std::move(host));
  }
  return {};
}

Result<void> read_short_name_mode(const Reader& reader, const toml::table& root,
                                  RegistriesFile& file) {
  TRY(const std::string mode, text_in(reader, root, "short-name-mode"));
  if (mode.empty()) return {};
  if (mode != "enforcing" && mode != "permissive" && mode != "disabled") {
    return reader.wrong(*root.get("short-name-mode"),
                        "short-name-mode is \"enforcing\", \"permissive\" or \"disabled\", not "
                        "\"{}\"",
                        mode);
  }
  file.short_names = mode == "enforcing" ? ShortNames::kEnforcing : ShortNames::kPermissive;
  return {};
}

Result<RegistriesFile> read_root(const Reader& reader, const toml::table& root) {
  // What version 1 blocks must not be pulled because nobody read it.
  if (const toml::node* old = root.get("registries")) {
    return reader.wrong(*old, "this is version 1 of the format, which is not understood");
  }
  RegistriesFile file;
  TRY_VOID(read_search(reader, root, file));
  TRY_VOID(read_short_name_mode(reader, root, file));
  TRY_VOID(read_aliases(reader, root, file));
  TRY_VOID(for_each_table(reader, root, "registry", [&](const toml::table& entry) -> Result<void> {
    TRY(RegistryTable registry, read_registry(reader, entry));
    file.registries.push_back(std::move(registry));
    return {};
  }));
  return file;
}

}  // namespace

Result<RegistriesFile> read_registries_file(const std::string& path) {
  TRY(const std::string text, sys::read_file_at(AT_FDCWD, path, kLargest));
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail("{}:{}: {}", path, parsed.error().source().begin.line,
                parsed.error().description());
  }
  return read_root({path}, parsed.table());
}

}  // namespace mycontainer::rootfs::registry
