#include "rootfs/registry/client.h"

#include <gtest/gtest.h>

#include "tests/unit/registry/fake_server.h"

namespace mycontainer::rootfs::registry {
namespace {

const std::string kBlob = "0123456789abcdef";

Descriptor blob_descriptor() {
  return {"application/octet-stream", content::digest_of(kBlob), kBlob.size()};
}

// A client of a fake registry, and what it did.
struct Talk {
  explicit Talk(FakeServer::Handler handler) : server(std::move(handler)) {}

  Client client(std::optional<Credentials> credentials = {}, bool push = false) {
    auto opened = Client::open(
        {.endpoint = {.host = server.host(), .insecure = true, .certificate_directories = {}},
         .repository = "a/b",
         .credentials = std::move(credentials),
         .push = push,
         .mount_from = {},
         .pause = [this](std::chrono::milliseconds pause) { pauses.push_back(pause.count()); }});
    EXPECT_TRUE(opened) << opened.error().message();
    return *std::move(opened);
  }
  // "bytes|restarts" of a fetched blob, or the error.
  std::string fetch(std::uint64_t offset = 0) {
    Client one = client();
    std::string got = kBlob.substr(0, offset);
    int restarts = 0;
    const auto result = one.fetch_blob(blob_descriptor(), offset,
                                       {[&](std::string_view bytes) -> Result<void> {
                                          got += bytes;
                                          return {};
                                        },
                                        [&]() -> Result<void> {
                                          got.clear();
                                          ++restarts;
                                          return {};
                                        }});
    if (!result) return "error: " + result.error().message();
    return got + "|" + std::to_string(restarts);
  }

  std::vector<std::int64_t> pauses;
  FakeServer server;
};

bool asks(const std::string& request, std::string_view line) {
  return request.find(line) != std::string::npos;
}

TEST(Client, FallsBackToPlainHttpAndKeepsOneConnection) {
  Talk talk([](const auto&) { return answer("200 OK", R"({"tags":["1","latest"]})"); });
  Client client = talk.client();
  for (int i = 0; i < 3; ++i) {
    const auto tags = client.tags();
    ASSERT_TRUE(tags) << tags.error().message();
    EXPECT_EQ(*tags, (std::vector<std::string>{"1", "latest"}));
  }
  EXPECT_EQ(talk.server.connections(), 2U);  // the one that spoke TLS, and another
}

TEST(Client, NeverSpeaksPlainHttpToASecureRegistry) {
  Talk talk([](const auto&) { return answer("200 OK"); });
  auto client = Client::open(
      {.endpoint = {.host = talk.server.host(), .insecure = false, .certificate_directories = {}},
       .repository = "a/b"});
  ASSERT_TRUE(client);
  const auto tags = client->tags();
  ASSERT_FALSE(tags);
  EXPECT_NE(tags.error().hint.find("--tls-verify=false"), std::string::npos);
  EXPECT_TRUE(talk.server.requests().empty());
}

TEST(Client, FollowsThePagesOfTheListOfTags) {
  Talk talk([](const std::string& request) {
    if (asks(request, "last=2")) return answer("200 OK", R"({"tags":["3"]})");
    return answer("200 OK", R"({"tags":["1","2"]})",
                  "Link: </v2/a/b/tags/list?n=1000&last=2>; rel=\"next\"\r\n");
  });
  const auto tags = talk.client().tags();
  ASSERT_TRUE(tags) << tags.error().message();
  EXPECT_EQ(*tags, (std::vector<std::string>{"1", "2", "3"}));
}

TEST(Client, RefusesTagsThatAreNone) {
  Talk talk([](const auto&) { return answer("200 OK", R"({"tags":["../../x"]})"); });
  EXPECT_FALSE(talk.client().tags());
}

TEST(Client, TriesAgainAfterFailuresThatPassWithGrowingPauses) {
  int count = 0;
  Talk talk([&](const auto&) {
    if (++count <= 3) return answer("503 Service Unavailable");
    return answer("200 OK", R"({"tags":null})");
  });
  EXPECT_TRUE(talk.client().tags());
  EXPECT_EQ(talk.pauses, (std::vector<std::int64_t>{250, 500, 1000}));
}

TEST(Client, GivesUpAfterFiveAttempts) {
  Talk talk([&](const auto&) { return answer("500 Internal Server Error"); });
  const auto tags = talk.client().tags();
  ASSERT_FALSE(tags);
  EXPECT_EQ(tags.error().message(), "unexpected status 500 Internal Server Error");
  EXPECT_EQ(talk.server.requests().size(), 5U);
}

TEST(Client, WaitsAsLongAsTheRegistryAsksButNotForEver) {
  int count = 0;
  Talk talk([&](const auto&) {
    if (++count == 1) return answer("429 Too Many Requests", "", "Retry-After: 7\r\n");
    if (count == 2) return answer("429 Too Many Requests", "", "Retry-After: 86400\r\n");
    return answer("200 OK", R"({"tags":null})");
  });
  EXPECT_TRUE(talk.client().tags());
  EXPECT_EQ(talk.pauses, (std::vector<std::int64_t>{7000, 60000}));
}

TEST(Client, DoesNotTryAgainWhatIsRefused) {
  Talk talk([&](const auto&) {
    return answer("404 Not Found",
                  "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest "
                  "\\u001b[31munknown\"}]}");
  });
  const auto manifest = talk.client().manifest("latest");
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().operation, "manifest unknown: manifest ?[31munknown");
  EXPECT_EQ(manifest.error().code, ENOENT);
  EXPECT_EQ(talk.server.requests().size(), 1U);
}

TEST(Client, VerifiesTheDigestOfAManifest) {
  Talk talk([&](const auto&) {
    return answer("200 OK", "{}", "Content-Type: application/vnd.oci.image.index.v1+json; x=y\r\n");
  });
  Client client = talk.client();
  const auto right = client.manifest(content::digest_of("{}").text());
  ASSERT_TRUE(right);
  EXPECT_EQ(right->media_type, image::media_type::kOciIndex);
  const auto wrong = client.manifest(content::digest_of("{} ").text());
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().operation.find("came with the digest"), std::string::npos);
}

TEST(Client, GoesOnWhereABlobBrokeOff) {
  Talk talk([&](const std::string& request) -> FakeServer::Answer {
    const std::size_t range = request.find("Range: bytes=");
    const std::size_t from =
        range == std::string::npos ? 0 : std::stoul(request.substr(range + 13));
    const std::size_t left = kBlob.size() - from;
    return {"HTTP/1.1 206 Partial Content\r\nContent-Length: " + std::to_string(left) +
                "\r\nContent-Range: bytes " + std::to_string(from) + "-15/16\r\n\r\n" +
                kBlob.substr(from, 3),
            true};
  });
  // The first answer must be of the whole: 206 of byte 0 will do.
  EXPECT_EQ(talk.fetch(), kBlob + "|0");
  EXPECT_EQ(talk.server.requests().size(), 6U);
  EXPECT_EQ(talk.pauses.size(), 5U);
}

TEST(Client, BeginsAgainWhereTheServerCannotGoOn) {
  Talk talk([&](const auto&) { return answer("200 OK", kBlob); });
  EXPECT_EQ(talk.fetch(5), kBlob + "|1");
  EXPECT_TRUE(asks(talk.server.requests().front(), "Range: bytes=5-\r\n"));
  Talk refuses([&](const std::string& request) {
    return asks(request, "Range") ? answer("416 Range Not Satisfiable") : answer("200 OK", kBlob);
  });
  EXPECT_EQ(refuses.fetch(5), kBlob + "|1");
}

TEST(Client, RefusesAnotherPartThanWasAskedFor) {
  Talk talk([&](const auto&) {
    return answer("206 Partial Content", kBlob.substr(4), "Content-Range: bytes 4-15/16\r\n");
  });
  EXPECT_NE(talk.fetch(5).find("another part"), std::string::npos);
}

TEST(Client, TakesNoMoreThanABlobIsLong) {
  Talk longer([&](const auto&) { return answer("200 OK", kBlob + "x"); });
  EXPECT_NE(longer.fetch().find("is longer than 16 bytes"), std::string::npos);
  Talk shorter([&](const auto&) { return answer("200 OK", kBlob.substr(1)); });
  EXPECT_NE(shorter.fetch().find("is 15 bytes long, not 16"), std::string::npos);
  Talk chunked([&](const auto&) -> FakeServer::Answer {
    return {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
        "chunked\r\n\r\n4\r\n0123\r\nc;x=y\r\n456789abcdef\r\n0\r\n\r\n"};
  });
  EXPECT_EQ(chunked.fetch(), kBlob + "|0");
}

TEST(Client, ReportsWhatTheTakerOfABlobSays) {
  Talk talk([&](const auto&) { return answer("200 OK", kBlob); });
  Client client = talk.client();
  const auto result = client.fetch_blob(
      blob_descriptor(), 0,
      {[](std::string_view) -> Result<void> { return fail_code(ENOSPC, "write"); },
       []() -> Result<void> { return {}; }});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ENOSPC);
  EXPECT_EQ(talk.server.requests().size(), 1U);
}

TEST(Client, BoundsTheHeadOfAnAnswer) {
  Talk talk([&](const auto&) -> FakeServer::Answer {
    std::string head = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 10'000; ++i) head += "X-" + std::to_string(i) + ": long enough\r\n";
    return {head + "\r\n", true};
  });
  const auto tags = talk.client().tags();
  ASSERT_FALSE(tags);
  EXPECT_NE(tags.error().operation.find("no proper HTTP"), std::string::npos);
  EXPECT_EQ(talk.server.requests().size(), 1U);
}

TEST(Client, RefusesWhatIsNoHttp) {
  Talk talk([&](const auto&) -> FakeServer::Answer { return {"SSH-2.0-OpenSSH_9.2\r\n", true}; });
  EXPECT_FALSE(talk.client().tags());
  EXPECT_EQ(talk.server.requests().size(), 1U);
}

TEST(Client, FollowsRedirectsWithoutItsCredentials) {
  FakeServer storage([](const auto&) { return answer("200 OK", kBlob); });
  Talk talk([&](const std::string& request) {
    if (!asks(request, "Authorization: Basic YWRhOnB3\r\n")) {
      return answer("401 Unauthorized", "", "WWW-Authenticate: Basic realm=\"x\"\r\n");
    }
    return answer("307 Temporary Redirect", "",
                  "Location: http://" + storage.host() + "/there?signature=1\r\n");
  });
  Client client = talk.client(Credentials{"ada", "pw", {}});
  std::string got;
  const auto result = client.fetch_blob(blob_descriptor(), 0,
                                        {[&](std::string_view bytes) -> Result<void> {
                                           got += bytes;
                                           return {};
                                         },
                                         []() -> Result<void> { return {}; }});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(got, kBlob);
  ASSERT_EQ(storage.requests().size(), 1U);
  EXPECT_TRUE(asks(storage.requests()[0], "GET /there?signature=1 HTTP/1.1\r\n"));
  EXPECT_FALSE(asks(storage.requests()[0], "Authorization"));
}

TEST(Client, EndsACircleOfRedirects) {
  Talk talk([&](const auto&) { return answer("302 Found", "", "Location: /v2/a/b/round\r\n"); });
  const auto tags = talk.client().tags();
  ASSERT_FALSE(tags);
  EXPECT_NE(tags.error().operation.find("circle"), std::string::npos);
  EXPECT_EQ(talk.server.requests().size(), 11U);
}

TEST(Client, FetchesATokenOnceForItselfAndItsClones) {
  FakeServer tokens(
      [](const auto&) { return answer("200 OK", R"({"token":"T","expires_in":300})"); });
  Talk talk([&](const std::string& request) {
    if (asks(request, "Authorization: Bearer T\r\n")) return answer("200 OK", R"({"tags":null})");
    return answer("401 Unauthorized", "",
                  "WWW-Authenticate: Bearer realm=\"http://" + tokens.host() +
                      "/token?x=1\",service=\"s v\"\r\n");
  });
  Client client = talk.client(Credentials{"ada", "pw", {}}, true);
  ASSERT_TRUE(client.tags());
  ASSERT_TRUE(client.clone().tags());
  ASSERT_EQ(tokens.requests().size(), 1U);
  EXPECT_TRUE(
      asks(tokens.requests()[0],
           "GET /token?x=1&service=s%20v&scope=repository%3Aa%2Fb%3Apull%2Cpush&account=ada "));
  EXPECT_TRUE(asks(tokens.requests()[0], "Authorization: Basic YWRhOnB3\r\n"));
  EXPECT_EQ(talk.server.requests().size(), 3U);
}

TEST(Client, TradesAnIdentityTokenByPost) {
  FakeServer tokens([](const auto&) { return answer("200 OK", R"({"access_token":"T"})"); });
  Talk talk([&](const std::string& request) {
    if (asks(request, "Bearer T\r\n")) return answer("200 OK", R"({"tags":null})");
    return answer("401 Unauthorized", "",
                  "WWW-Authenticate: Bearer realm=\"http://" + tokens.host() + "/token\"\r\n");
  });
  ASSERT_TRUE(talk.client(Credentials{{}, {}, "refresh me"}).tags());
  ASSERT_EQ(tokens.requests().size(), 1U);
  EXPECT_TRUE(asks(tokens.requests()[0], "POST /token "));
  EXPECT_TRUE(asks(tokens.requests()[0], "&refresh_token=refresh%20me"));
}

TEST(Client, GivesItsIdentityTokenToNobodyElse) {
  FakeServer other([](const auto&) { return answer("200 OK", R"({"access_token":"T"})"); });
  FakeServer tokens([&](const auto&) {
    return answer("307 Temporary Redirect", "", "Location: http://" + other.host() + "/token\r\n");
  });
  Talk talk([&](const auto&) {
    return answer("401 Unauthorized", "",
                  "WWW-Authenticate: Bearer realm=\"http://" + tokens.host() + "/token\"\r\n");
  });
  const auto tags = talk.client(Credentials{{}, {}, "refresh me"}).tags();
  ASSERT_FALSE(tags);
  EXPECT_NE(tags.error().message().find("identity token"), std::string::npos);
  EXPECT_EQ(tokens.requests().size(), 1U);
  EXPECT_TRUE(other.requests().empty());
}

TEST(Client, SaysWhenItsCredentialsAreRefused) {
  Talk talk([&](const auto&) {
    return answer("401 Unauthorized",
                  R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})",
                  "WWW-Authenticate: Basic realm=\"x\"\r\n");
  });
  for (const auto& credentials :
       {std::optional<Credentials>(), std::optional<Credentials>({"a", "b", {}})}) {
    const auto result = talk.client(credentials).sign_on();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().operation, "unauthorized: authentication required");
    EXPECT_EQ(result.error().code, EACCES);
  }
  EXPECT_EQ(talk.server.requests().size(), 3U);
}

Client::BlobSource source() {
  return [](std::uint64_t offset, char* buffer, std::size_t size) -> Result<std::size_t> {
    return kBlob.copy(buffer, size, offset);
  };
}

TEST(Client, UploadsABlobInOneStream) {
  std::string got;
  Talk talk([&](const std::string& request) {
    if (request.starts_with("POST"))
      return answer("202 Accepted", "", "Location: /v2/u?state=1\r\n");
    if (request.starts_with("PATCH")) {
      got += request.substr(request.find("\r\n\r\n") + 4);
      return answer("202 Accepted", "", "Location: /v2/u?state=2\r\n");
    }
    return answer("201 Created");
  });
  std::vector<std::uint64_t> steps;
  const auto result = talk.client({}, true).push_blob(
      blob_descriptor(), source(), [&](std::uint64_t bytes) { steps.push_back(bytes); });
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(got, kBlob);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{0, kBlob.size()}));
  ASSERT_EQ(talk.server.requests().size(), 3U);
  const std::string digest = content::digest_of(kBlob).text().substr(7);
  EXPECT_TRUE(asks(talk.server.requests()[2], "PUT /v2/u?state=2&digest=sha256%3A" + digest + " "));
}

TEST(Client, GoesOnWithAnUploadWhereTheRegistryGotTo) {
  std::string got;
  bool has_broken = false;
  Talk talk([&](const std::string& request) -> FakeServer::Answer {
    if (request.starts_with("POST")) return answer("202 Accepted", "", "Location: /v2/u\r\n");
    if (request.starts_with("GET")) return answer("204 No Content", "", "Range: 0-4\r\n");
    if (request.starts_with("PUT")) return answer("201 Created");
    got += request.substr(request.find("\r\n\r\n") + 4);
    if (std::exchange(has_broken, true)) return answer("202 Accepted", "", "Location: /v2/u\r\n");
    got.resize(5);
    return {"", true};
  });
  const auto result = talk.client({}, true).push_blob(blob_descriptor(), source(), {});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(got, kBlob);
}

TEST(Client, BeginsAnUploadAgainThatIsLost) {
  int begun = 0;
  Talk talk([&](const std::string& request) -> FakeServer::Answer {
    if (request.starts_with("HEAD")) return {"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"};
    if (request.starts_with("POST")) {
      return answer("202 Accepted", "", "Location: /v2/u" + std::to_string(++begun) + "\r\n");
    }
    if (asks(request, "/v2/u1")) return answer("404 Not Found");
    return request.starts_with("PUT") ? answer("201 Created")
                                      : answer("202 Accepted", "", "Location: /v2/u2\r\n");
  });
  const auto result = talk.client({}, true).push_blob(blob_descriptor(), source(), {});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(begun, 2);
}

TEST(Client, MountsABlobOrUsesTheUploadThatWasBegunInstead) {
  bool mounts = true;
  Talk talk([&](const std::string& request) -> FakeServer::Answer {
    if (asks(request, "?mount=")) {
      return mounts ? answer("201 Created") : answer("202 Accepted", "", "Location: /v2/u\r\n");
    }
    if (request.starts_with("PATCH")) return answer("202 Accepted", "", "Location: /v2/u\r\n");
    return answer("201 Created");
  });
  Client client = talk.client({}, true);
  const Descriptor blob = blob_descriptor();
  EXPECT_TRUE(client.mount_blob(blob.digest, "c/d").value());
  mounts = false;
  EXPECT_FALSE(client.mount_blob(blob.digest, "c/d").value());
  EXPECT_TRUE(client.push_blob(blob, source(), {}));
  EXPECT_EQ(talk.server.requests().size(), 4U);  // no second POST
  EXPECT_TRUE(asks(talk.server.requests()[0], "&from=c%2Fd "));
}

TEST(Client, RefusesARegistryThatCallsAManifestAnotherName) {
  Talk talk([&](const auto&) {
    return answer("201 Created", "",
                  "Docker-Content-Digest: " + content::digest_of("other").text() + "\r\n");
  });
  EXPECT_FALSE(talk.client({}, true).push_manifest("1", image::media_type::kOciManifest, "{}"));
}

}  // namespace
}  // namespace mycontainer::rootfs::registry
