// SPDX-License-Identifier: Apache-2.0
#include "actors/http/request_answers.hpp"

#include "actors/http/memory_socket.hpp"
#include "actors/http/own_host.hpp"
#include "actors/http/request_target.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <Poco/String.h>

#include <algorithm>
#include <optional>

namespace troupe {

namespace kept_pages { // has a name, since request_answers::page_handlers has one

using status = Poco::Net::HTTPResponse::HTTPStatus;

/// Pages are to be read, not to be shown inside others, and bring no programs.
constexpr const char* content_policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

http_response plain_answer(int code, const char* text) {
  return {code, "text/plain; charset=utf-8", text};
}

/// A page and what was made of it since begin_anew().
struct kept_page {
  http_page make;
  std::optional<http_response> made;
  std::optional<std::string> small; ///< its body, compressed

  const http_response& get() {
    if (made)
      return *made;
    try {
      made = make();
    } catch (const std::exception& e) {
      made = {500, "text/plain; charset=utf-8", std::string{"500 "} + e.what() + "\n"};
    }
    return *made;
  }

  const std::string& compressed() {
    if (!small)
      small = gzipped(get().body);
    return *small;
  }

  void forget() {
    made.reset();
    small.reset();
  }
};

/// An answer, and whether its body is compressed.
struct chosen {
  http_response page;
  bool gzip = false;
};

class page_store {
public:
  page_store(http_routes routes, http_hosts hosts, std::string bound) : hosts_(hosts), bound_(std::move(bound)) {
    for (auto& [path, page] : routes)
      pages_[path].make = std::move(page);
  }

  chosen answer(const Poco::Net::HTTPServerRequest& request) {
    const auto& method = request.getMethod();
    if (method != Poco::Net::HTTPRequest::HTTP_GET && method != Poco::Net::HTTPRequest::HTTP_HEAD)
      return {plain_answer(405, "405 method not allowed\n")};
    if (request.getVersion() == Poco::Net::HTTPMessage::HTTP_1_1 && hosts_of(request) != 1)
      return {plain_answer(
        400, "400 Bad Request: the Host header is missing, or there are several (RFC 9112 section 3.2)\n")};
    const auto target = request_target::parse(request.getURI());
    if (!target)
      return {plain_answer(404, "404 page not found\n")};
    if (hosts_ == http_hosts::own &&
        !is_own_host(target->host.empty() ? request.get("Host", "") : target->host, bound_))
      return {
        plain_answer(421, "421 this page is shown under a numeric address, localhost or the name it listens on\n")};
    const auto page = find(*target);
    if (page == pages_.end())
      return {plain_answer(404, "404 page not found\n")};
    return part_of(page->second, *target, takes_gzip(request.get("Accept-Encoding", "")));
  }

  void forget() {
    for (auto& [path, page] : pages_)
      page.forget();
  }

private:
  using page_map = std::map<std::string, kept_page, std::less<>>;

  static size_t hosts_of(const Poco::Net::HTTPServerRequest& request) {
    return static_cast<size_t>(std::count_if(request.begin(), request.end(),
                                             [](auto& field) { return Poco::icompare(field.first, "Host") == 0; }));
  }

  page_map::iterator find(const request_target& target) {
    const auto whole = target.query.empty() ? pages_.end() : pages_.find(target.path + "?" + target.query);
    return whole != pages_.end() ? whole : pages_.find(target.path);
  }

  static chosen part_of(kept_page& page, const request_target& target, bool gzip) {
    chosen out{page.get(), gzip && page.get().compress};
    const auto names = out.page.select ? target.values("name[]") : std::vector<std::string>{};
    if (!names.empty())
      out.page.body = out.page.select(out.page.body, names);
    if (out.gzip)
      out.page.body = names.empty() ? page.compressed() : gzipped(out.page.body);
    return out;
  }

  page_map pages_;
  const http_hosts hosts_;
  const std::string bound_;
};

class page_handler : public Poco::Net::HTTPRequestHandler {
public:
  page_handler(page_store& pages, bool& last) : pages_(pages), last_(last) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    const auto [answer, gzip] = pages_.answer(request);
    response.setStatusAndReason(static_cast<status>(answer.status));
    response.setContentType(answer.content_type);
    response.set("X-Content-Type-Options", "nosniff");
    if (answer.content_type.starts_with("text/html")) {
      response.set("Content-Security-Policy", content_policy);
      response.set("X-Frame-Options", "DENY");
    }
    if (answer.status == 405)
      response.set("Allow", "GET, HEAD");
    if (gzip)
      response.set("Content-Encoding", "gzip");
    if (answer.compress)
      response.set("Vary", "Accept-Encoding");
    // Of a body nothing is read: what comes behind the header could not be told from the next request.
    const bool has_body =
      request.getChunkedTransferEncoding() || (request.hasContentLength() && request.getContentLength() > 0);
    last_ = !request.getKeepAlive() || has_body || answer.status == 400;
    response.setKeepAlive(!last_);
    // Without a body on HEAD; the length is that of the page all the same.
    response.sendBuffer(answer.body.data(), answer.body.size());
  }

private:
  page_store& pages_;
  bool& last_;
};

} // namespace kept_pages

class request_answers::page_handlers : public Poco::Net::HTTPRequestHandlerFactory {
public:
  explicit page_handlers(kept_pages::page_store pages) : pages(std::move(pages)) {}

  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override {
    // Poco says the request's, which may be any octets: in front of "100 Continue" too, so before it comes to that.
    if (request.getVersion() != Poco::Net::HTTPMessage::HTTP_1_0)
      request.response().setVersion(Poco::Net::HTTPMessage::HTTP_1_1);
    return new kept_pages::page_handler(pages, last);
  }

  kept_pages::page_store pages;
  bool last = true; ///< the answer that was made last ends its connection
};

request_answers::request_answers(http_routes routes, http_hosts hosts, std::string bound)
  : params_(new Poco::Net::HTTPServerParams),
    handlers_(new page_handlers({std::move(routes), hosts, std::move(bound)})) {
  params_->setKeepAlive(false);
}

request_answers::request_answers(request_answers&&) noexcept = default;
request_answers::~request_answers() = default;

request_answers::answered request_answers::answer(int descriptor, std::string_view request) {
  std::string out;
  handlers_->last = true;
  try {
    Poco::Net::HTTPServerConnection{memory_socket(descriptor, request, out), params_, handlers_}.run();
  } catch (const std::exception&) {
    // What Poco cannot read it answers itself, or it is no request; the client may be gone, too.
    handlers_->last = true;
  }
  return {std::move(out), handlers_->last};
}

void request_answers::begin_anew() {
  handlers_->pages.forget();
}

std::string_view too_large_answer() {
  return "HTTP/1.1 400 Bad Request\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n";
}

} // namespace troupe
