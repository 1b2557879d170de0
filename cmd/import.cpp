#include "runtime/images/import.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "reexec/sys/file.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  std::vector<std::string> changes;
  std::string message, platform;
};

constexpr std::array kOptions = {
    Option{"change", 'c', "list", "Apply Dockerfile instruction to the created image",
           options::texts<&Typed::changes>},
    Option{"message", 'm', "string", "Set commit message for imported image",
           options::text<&Typed::message>},
    Option{"platform", 0, "string", "Set platform if server is multi-platform capable",
           options::text<&Typed::platform>},
};

bool is_url(const std::string& word) {
  return word.starts_with("http://") || word.starts_with("https://");
}

Result<UniqueFd> open_source(const std::string& word) {
  if (word == "-") return UniqueFd();
  auto file = sys::open_at(AT_FDCWD, word, O_RDONLY | O_NOCTTY);
  if (!file && is_url(word)) {
    return Failure(Error{"archives are imported from files and from standard input only", 0,
                         fmt::format("curl -fL {} | mycontainer import -", word)});
  }
  return file;
}

}  // namespace

Result<int> import_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {1, 2}));
  if (!words) return 0;
  runtime::images::ImportRequest request;
  TRY(const UniqueFd file, open_source(words->front()));
  request.input = file ? file.get() : STDIN_FILENO;
  if (words->size() == 2) request.name = words->back();
  request.changes = std::move(typed.changes);
  request.message = std::move(typed.message);
  if (!typed.platform.empty()) {
    TRY(request.platform, rootfs::image::parse_platform(typed.platform));
  }
  TRY(const auto roots, roots_of(call));
  TRY(const auto id, runtime::images::import(roots, request));
  TRY_VOID(say(id.text() + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
