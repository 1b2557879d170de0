#include "rootfs/registry/message.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <exception>
#include <limits>
#include <utility>

#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// Hands the body on as it lies in the connection's buffer.
struct TakenBody {
  struct value_type {  // NOLINT(readability-identifier-naming): Beast's name
    Take take;
    std::optional<Error> failure;
  };

  class reader {  // NOLINT(readability-identifier-naming): Beast's name
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, beast::error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& error) {
      error = {};
      std::size_t count = 0;
      for (const boost::asio::const_buffer piece : beast::buffers_range_ref(buffers)) {
        auto taken = body_.take({static_cast<const char*>(piece.data()), piece.size()});
        if (!taken) {
          body_.failure = std::move(taken).error();
          error = http::error::unexpected_body;
          return count;
        }
        count += piece.size();
      }
      return count;
    }
    void finish(beast::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

bool is_clean(std::string_view text) {
  return std::ranges::all_of(text,
                             [](unsigned char c) { return (c >= ' ' && c != 127) || c == '\t'; });
}

std::string_view plain(beast::string_view text) { return {text.data(), text.size()}; }
beast::string_view theirs(std::string_view text) { return {text.data(), text.size()}; }

std::string serialised(http::request<http::empty_body>& message) {
  http::request_serializer<http::empty_body> serializer(message);
  std::string text;
  beast::error_code error;
  while (!serializer.is_done() && !error) {
    serializer.next(error, [&](beast::error_code& failure, const auto& buffers) {
      failure = {};
      std::size_t count = 0;
      for (const boost::asio::const_buffer piece : beast::buffers_range_ref(buffers)) {
        text.append(static_cast<const char*>(piece.data()), piece.size());
        count += piece.size();
      }
      serializer.consume(count);
    });
  }
  return text;
}

}  // namespace

Result<std::string> request_head(const Request& request, std::string_view target) {
  http::request<http::empty_body> message;
  message.version(11);
  message.method_string(theirs(request.method));
  message.target(theirs(target));
  message.set(http::field::host, request.url.authority());
  message.set(http::field::user_agent, "mycontainer");
  for (const auto& [name, value] : request.headers) {
    if (!is_clean(value) || !is_clean(target)) {
      return fail("{} of a request has a control character", name);
    }
    message.insert(theirs(name), theirs(value));
  }
  if (request.body) {
    message.set(http::field::content_length, std::to_string(request.body->size));
  } else if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    message.set(http::field::content_length, "0");
  }
  return serialised(message);
}

struct ResponseReader::Impl {
  http::response_parser<TakenBody> parser;
};

ResponseReader::ResponseReader(bool has_body) : impl_(std::make_unique<Impl>()) {
  impl_->parser.header_limit(kMaxHead);
  // Who takes the body bounds it. (Beast 1.74 takes "none" for zero.)
  impl_->parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  impl_->parser.eager(false);
  impl_->parser.skip(!has_body);
}
ResponseReader::~ResponseReader() = default;

Result<std::size_t> ResponseReader::put(std::string_view bytes) {
  auto& parser = impl_->parser;
  beast::error_code error;
  std::size_t count = 0;
  try {
    count = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  } catch (const std::exception& failure) {
    return fail("answer: {}", failure.what());
  }
  if (!error || error == http::error::need_more) return count;
  if (taker_failed()) return Failure(*parser.get().body().failure);
  return fail("no proper HTTP: {}", error.message());
}

Result<void> ResponseReader::end() {
  beast::error_code error;
  if (!impl_->parser.got_some()) return fail_code(ECONNRESET, "the connection was closed");
  impl_->parser.put_eof(error);
  if (error) return fail_code(ECONNRESET, "the connection was closed in the middle of an answer");
  return {};
}

bool ResponseReader::has_head() const { return impl_->parser.is_header_done(); }
bool ResponseReader::is_done() const { return impl_->parser.is_done(); }
bool ResponseReader::keeps_alive() const {
  return impl_->parser.keep_alive() && !impl_->parser.need_eof();
}
bool ResponseReader::taker_failed() const { return impl_->parser.get().body().failure.has_value(); }

Response ResponseReader::head() const {
  const auto& message = impl_->parser.get();
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.emplace_back(lower_case(plain(field.name_string())), plain(field.value()));
  }
  return response;
}

void ResponseReader::set_taker(Take take) {
  impl_->parser.get().body().take = std::move(take);
  impl_->parser.eager(true);
}

std::string_view Response::header(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [&](const auto& header) { return same_word(header.first, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace mycontainer::rootfs::registry
