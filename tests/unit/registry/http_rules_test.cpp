// The pure rules of HTTP that the client goes by.
#include <gtest/gtest.h>

#include "rootfs/registry/answer.h"
#include "rootfs/registry/challenge.h"
#include "rootfs/registry/message.h"
#include "rootfs/registry/proxy.h"
#include "rootfs/registry/redirect.h"
#include "rootfs/registry/token.h"
#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {
namespace {

Url url(std::string_view text) {
  auto parsed = parse_url(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Url{});
}

TEST(Challenge, ReadsBearerWithQuotedParameters) {
  const auto all = parse_challenges(
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="a:b:pull,push")");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].scheme, "bearer");
  EXPECT_EQ(all[0].parameter("realm"), "https://auth.docker.io/token");
  EXPECT_EQ(all[0].parameter("scope"), "a:b:pull,push");
}

TEST(Challenge, ReadsSeveralInOneHeader) {
  const auto all = parse_challenges(R"(Negotiate, Basic Realm = "a \"b\", c" , BEARER service=x)");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].scheme, "negotiate");
  EXPECT_EQ(all[1].parameter("realm"), R"(a "b", c)");
  EXPECT_EQ(all[2].scheme, "bearer");
  EXPECT_EQ(all[2].parameter("service"), "x");
}

TEST(Challenge, PassesOverWhatIsNone) {
  for (const char* text :
       {"", ",,,", "=", "\"", "Bearer realm=\"never closed", "Basic realm=\"x\\", "a=b"}) {
    (void)parse_challenges(text);
  }
  EXPECT_TRUE(parse_challenges("a=b").empty());
}

TEST(Url, ReadsHostPortAndTarget) {
  const Url one = url("HTTPS://Example.com/a?b#c");
  EXPECT_EQ(one.text(), "https://example.com/a?b");
  EXPECT_EQ(one.port, 443);
  EXPECT_EQ(url("http://[::1]:5000").text(), "http://[::1]:5000/");
  EXPECT_EQ(url("http://h?x").target, "/?x");
  EXPECT_EQ(url("http://u:p%40@h:80/").user_info, "u:p@");
  EXPECT_EQ(url("http://h:80/").authority(), "h");
}

TEST(Url, RefusesWhatIsNone) {
  for (const char* text :
       {"ftp://h/", "http://", "http:///x", "http://h:0/", "http://h:65536/", "http://h x/",
        "http://h/\r\nX: y", "file:///etc/passwd", "http://h:5000x/", "http://[::1/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, ResolvesReferences) {
  const Url base = url("https://h:5000/v2/a/b?c=d");
  EXPECT_EQ(resolve_url(base, "/x?y")->text(), "https://h:5000/x?y");
  EXPECT_EQ(resolve_url(base, "x")->text(), "https://h:5000/v2/a/x");
  EXPECT_EQ(resolve_url(base, "?q")->text(), "https://h:5000/v2/a/b?q");
  EXPECT_EQ(resolve_url(base, "//other/x")->text(), "https://other/x");
  EXPECT_EQ(resolve_url(base, "http://o/x")->text(), "http://o/x");
  EXPECT_EQ(resolve_url(base, "/x?u=http://o/")->text(), "https://h:5000/x?u=http://o/");
  EXPECT_FALSE(resolve_url(base, "/a\nb"));
}

TEST(Redirect, KeepsCredentialsOnlyWithinTheOrigin) {
  Request request{.method = "GET", .url = url("https://h/v2/x")};
  request.headers = {{"authorization", "secret"}, {"Range", "bytes=1-"}};
  const auto to = [&](const char* location) {
    return redirected(request, Response{307, {{"location", location}}, {}, {}}, false);
  };
  EXPECT_EQ(to("/y")->headers.size(), 2U);
  EXPECT_EQ(to("https://h:443/y")->headers.size(), 2U);
  for (const char* other : {"https://h:444/y", "https://evil/y", "https://h.evil/y", "//evil/y"}) {
    const auto next = to(other);
    ASSERT_TRUE(next) << other;
    ASSERT_EQ(next->headers.size(), 1U) << other;
    EXPECT_EQ(next->headers[0].first, "Range");
  }
  EXPECT_FALSE(to("http://h/y"));
  EXPECT_FALSE(to("file:///etc/passwd"));
}

TEST(Redirect, OfAnUploadKeepsItsMethodOrIsRefused) {
  const Request request{.method = "PATCH", .url = url("https://h/v2/x")};
  EXPECT_EQ(redirected(request, Response{308, {{"location", "/y"}}, {}, {}}, false)->method,
            "PATCH");
  EXPECT_FALSE(redirected(request, Response{302, {{"location", "/y"}}, {}, {}}, false));
  EXPECT_FALSE(redirected(request, Response{307, {}, {}, {}}, false));
}

std::string via(const char* to, const char* none) {
  const auto proxy = proxy_for(url(to), {"proxy:3128", "https://u:p@secure", none});
  EXPECT_TRUE(proxy) << to;
  return !proxy || !*proxy ? "" : (*proxy)->origin();
}

TEST(Proxy, IsChosenByScheme) {
  EXPECT_EQ(via("http://a/", ""), "http://proxy:3128");
  EXPECT_EQ(via("https://a/", ""), "https://secure");
  EXPECT_FALSE(*proxy_for(url("http://a/"), {}));
  EXPECT_FALSE(proxy_for(url("http://a/"), {"ftp://x", "", ""}));
}

TEST(Proxy, ItsPasswordIsNotInTheError) {
  for (const char* word :
       {"socks5://ada:secret@proxy", "http://ada:secret@@b c", "ada:secret@x:y"}) {
    const auto proxy = proxy_for(url("https://a/"), {"", word, ""});
    ASSERT_FALSE(proxy) << word;
    EXPECT_EQ(proxy.error().message().find("secret"), std::string::npos);
    EXPECT_NE(proxy.error().message().find("HTTPS_PROXY"), std::string::npos);
  }
}

TEST(Proxy, IsNeverUsedForThisMachine) {
  for (const char* here : {"http://localhost:5000/", "http://127.1.2.3/", "http://[::1]:5000/"}) {
    EXPECT_EQ(via(here, ""), "") << here;
  }
}

TEST(Proxy, IsLeftOutForWhatNoProxyNames) {
  for (const char* none : {"*", "a.example.com", "example.com", ".example.com", "*.example.com",
                           "x, example.com", "x,a.example.com:5000", "EXAMPLE.com"}) {
    EXPECT_EQ(via("http://a.example.com:5000/", none), "") << none;
  }
  for (const char* none :
       {"b.example.com", "ample.com", "a.example.com:80", "a.example.com.", "10.0.0.0/8", ",,"}) {
    EXPECT_NE(via("http://a.example.com:5000/", none), "") << none;
  }
  EXPECT_NE(via("http://example.com/", ".example.com"), "");
  EXPECT_EQ(via("http://10.1.2.3/", "10.0.0.0/8"), "");
  EXPECT_EQ(via("http://10.1.2.3/", "10.1.2.3"), "");
  EXPECT_NE(via("http://11.1.2.3/", "10.0.0.0/8"), "");
  EXPECT_EQ(via("http://[fd00::1]/", "fd00::/8"), "");
  EXPECT_NE(via("http://[fe00::1]/", "fd00::/8"), "");
}

TEST(Message, RefusesControlCharactersInARequest) {
  Request request{.method = "GET", .url = url("http://h/")};
  request.headers = {{"Authorization", "x\r\nEvil: 1"}};
  EXPECT_FALSE(request_head(request, "/"));
}

TEST(Message, GivesARequestWithoutBodyItsLength) {
  const auto head = request_head({.method = "POST", .url = url("http://h:5000/")}, "/x");
  ASSERT_TRUE(head);
  EXPECT_EQ(
      *head,
      "POST /x HTTP/1.1\r\nHost: h:5000\r\nUser-Agent: mycontainer\r\nContent-Length: 0\r\n\r\n");
}

TEST(Message, ReadsAnAnswerThatComesByteByByte) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  ResponseReader reader(true);
  std::string body, waiting;
  for (const char c : text) {
    waiting += c;
    const bool had_head = reader.has_head();
    auto count = reader.put(waiting);
    ASSERT_TRUE(count) << count.error().message();
    waiting.erase(0, *count);
    if (!had_head && reader.has_head()) {
      reader.set_taker([&](std::string_view bytes) -> Result<void> {
        body += bytes;
        return {};
      });
    }
  }
  EXPECT_TRUE(reader.is_done());
  EXPECT_EQ(body, "abcde");
  EXPECT_EQ(reader.head().header("a"), "b");
}

TEST(Answer, SaysWhatTheRegistrySays) {
  const auto text = [](int status, const char* body) {
    return error_of(Response{status, {}, body, {}}).operation;
  };
  EXPECT_EQ(
      text(401, R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})"),
      "unauthorized: authentication required");
  EXPECT_EQ(text(401, R"({"details":"incorrect username or password"})"),
            "incorrect username or password");
  EXPECT_EQ(text(502, "<html>"), "unexpected status 502 Bad Gateway");
  EXPECT_EQ(text(500, R"({"errors":[1,null,{"code":5},{"message":"a\nb\u0007"}]})"), "a b?");
  EXPECT_EQ(text(500, R"({"errors":[]})"), "unexpected status 500 Internal Server Error");
  const std::string deep(40'000, '[');
  EXPECT_EQ(text(500, deep.c_str()), "unexpected status 500 Internal Server Error");
}

TEST(Answer, ReadsRangesAndLinks) {
  EXPECT_EQ(range_begin("bytes 5-9/10"), 5U);
  EXPECT_EQ(range_begin("items 5-9/10"), std::nullopt);
  EXPECT_EQ(range_end("0-9"), 10U);
  EXPECT_EQ(range_end("bytes=0-9"), 10U);
  EXPECT_EQ(range_end("0-0"), 0U);
  EXPECT_EQ(range_end("nonsense"), 0U);
  EXPECT_EQ(next_link(R"(</a>; rel="prev", </b?n=1>; rel="next")"), "/b?n=1");
  EXPECT_EQ(next_link("</b>; rel=next"), "/b");
  EXPECT_EQ(next_link("nonsense > <"), "");
}

TEST(Token, IsReadFromEitherMember) {
  EXPECT_EQ(parse_token(R"({"token":"a"})")->value, "a");
  EXPECT_EQ(parse_token(R"({"access_token":"b","expires_in":5,"refresh_token":"r"})")->value, "b");
  EXPECT_EQ(parse_token(R"({"access_token":"b","expires_in":5})")->seconds, 60);
  for (const char* wrong : {"", "[]", "{}", R"({"token":1})", R"({"token":""})"}) {
    EXPECT_FALSE(parse_token(wrong)) << wrong;
  }
}

TEST(Words, ForeignTextIsOneHarmlessLine) {
  EXPECT_EQ(printable("  a\x1b[2J\nb\xc2\x9b\x7f ", 100), "a?[2J b???");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

}  // namespace
}  // namespace mycontainer::rootfs::registry
