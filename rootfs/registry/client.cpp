#include "rootfs/registry/client.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "rootfs/registry/answer.h"
#include "rootfs/registry/client_impl.h"
#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxManifest = std::size_t{4} << 20;
constexpr std::size_t kMaxTags = 100'000;
constexpr std::size_t kMaxPages = 1'000;

std::vector<std::string> scopes_of(const ClientRequest& request) {
  if (request.repository.empty()) return {};
  const char* const rights = request.push ? "pull,push" : "pull";
  std::vector<std::string> scopes = {"repository:" + request.repository + ":" + rights};
  if (!request.mount_from.empty()) scopes.push_back("repository:" + request.mount_from + ":pull");
  return scopes;
}

bool is_tag(const std::string& text) {
  constexpr auto is_word = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= 128 && is_word(static_cast<unsigned char>(text[0])) &&
         std::ranges::all_of(text,
                             [&](unsigned char c) { return is_word(c) || c == '.' || c == '-'; });
}

// What the tag list of one answer has; anything that cannot be a tag is an error.
Result<void> append_tags(std::string_view document, std::vector<std::string>& tags) {
  const json parsed = json::parse(document, nullptr, false);
  const auto list = parsed.is_object() ? parsed.find("tags") : parsed.end();
  if (!parsed.is_object() || list == parsed.end()) return fail("the list of tags is none");
  if (list->is_null()) return {};
  if (!list->is_array()) return fail("the list of tags is none");
  for (const json& entry : *list) {
    if (!entry.is_string() || !is_tag(entry.get_ref<const std::string&>())) {
      return fail("the list of tags has something that is no tag");
    }
    tags.push_back(entry.get<std::string>());
    if (tags.size() > kMaxTags) return fail("more than {} tags", kMaxTags);
  }
  return {};
}

Digest digest_by(std::string_view bytes, content::Algorithm algorithm) {
  content::Hasher hasher(algorithm);
  hasher.update(bytes);
  return hasher.finish();
}

Result<void> expect_digest(const Digest& wanted, std::string_view bytes) {
  const Digest got = digest_by(bytes, wanted.kind());
  if (got == wanted) return {};
  return fail("the manifest {} came with the digest {}", wanted.text(), got.text());
}

std::string media_type_in(const Response& response) {
  const std::string_view text = response.header("Content-Type");
  return lower_case(without_blanks(text.substr(0, text.find(';'))));
}

std::string accepted() {
  using namespace image::media_type;  // NOLINT(google-build-using-namespace): four names of it
  return fmt::format("{}, {}, {}, {}", kOciIndex, kOciManifest, kDockerIndex, kDockerManifest);
}

}  // namespace

Result<Response> Client::Impl::expect(const Request& request, std::initializer_list<int> statuses) {
  TRY(Response response, caller.ask(request));
  if (std::ranges::find(statuses, response.status) == statuses.end()) {
    return Failure(error_of(response));
  }
  return response;
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::open(ClientRequest request) {
  TRY(Url address, parse_authority("https", request.endpoint.host));
  const Endpoint endpoint = request.endpoint;
  auto session = std::make_shared<Session>(
      endpoint, std::move(address),
      SignOnRequest{request.credentials, scopes_of(request), endpoint.insecure});
  TRY(TlsContext tls,
      TlsContext::make({.verifies = !endpoint.insecure,
                        .certificate_directories = endpoint.certificate_directories}));
  session->settings.tls = std::make_shared<const TlsContext>(std::move(tls));
  session->settings.proxies = proxies_of_environment();
  session->settings.identified_host = session->address.origin();
  session->pause = request.pause;
  if (!session->pause) {
    session->pause = [](Milliseconds pause) { std::this_thread::sleep_for(pause); };
  }
  return Client(std::make_unique<Impl>(std::move(session), request.repository));
}

Client Client::clone() const {
  return Client(std::make_unique<Impl>(impl_->caller.session(), impl_->repository));
}

Result<std::string> Client::sign_on() {
  TRY_VOID(impl_->expect(impl_->caller.request("GET", ""), {200}));
  return impl_->caller.session()->sign_on.identity_token();
}

Result<FetchedManifest> Client::manifest(std::string_view reference) {
  Request request = impl_->below("GET", "manifests/" + std::string(reference));
  request.headers.emplace_back("Accept", accepted());
  TRY(Response response, impl_->expect(request, {200}));
  if (response.body.size() > kMaxManifest) return fail("the manifest is larger than 4 MiB");
  FetchedManifest fetched{media_type_in(response), content::digest_of(response.body), {}};
  if (auto wanted = Digest::parse(reference)) {
    TRY_VOID(expect_digest(*wanted, response.body));
    fetched.digest = *std::move(wanted);
  }
  fetched.bytes = std::move(response.body);
  return fetched;
}

Result<std::vector<std::string>> Client::tags() {
  std::vector<std::string> tags;
  Request request = impl_->below("GET", "tags/list?n=1000");
  for (std::size_t page = 0; page < kMaxPages; ++page) {
    TRY(const Response response, impl_->expect(request, {200}));
    TRY_VOID(append_tags(response.body, tags));
    const std::string next = next_link(response.header("Link"));
    if (next.empty()) return tags;
    TRY(const Url url, resolve_url(response.url, next));
    // Only the rest of the list: another registry's is not ours.
    request.url.target = url.target;
  }
  return fail("the list of tags has no end");
}

}  // namespace mycontainer::rootfs::registry
