// SPDX-License-Identifier: Apache-2.0
#include "actors/http/request_answers.hpp"

#include "actors/http/memory_socket.hpp"
#include "actors/http/own_host.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <optional>

namespace troupe {

namespace {

using status = Poco::Net::HTTPResponse::HTTPStatus;

/// Pages are to be read, not to be shown inside others, and bring no programs.
constexpr const char* content_policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

http_response plain(int code, const char* text) {
  return {code, "text/plain; charset=utf-8", text};
}

/// A page and what was made of it since begin_anew().
struct kept_page {
  http_page make;
  std::optional<http_response> made;

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
};

class page_store {
public:
  page_store(http_routes routes, http_hosts hosts, std::string bound) : hosts_(hosts), bound_(std::move(bound)) {
    for (auto& [path, page] : routes)
      pages_[path].make = std::move(page);
  }

  http_response answer(const Poco::Net::HTTPServerRequest& request) {
    const auto& method = request.getMethod();
    if (method != Poco::Net::HTTPRequest::HTTP_GET && method != Poco::Net::HTTPRequest::HTTP_HEAD)
      return plain(405, "405 method not allowed\n");
    if (hosts_ == http_hosts::own && !is_own_host(request.get("Host", ""), bound_))
      return plain(421, "421 this page is shown under a numeric address, localhost or the name it listens on\n");
    const std::string_view uri = request.getURI();
    auto page = pages_.find(uri);
    if (page == pages_.end())
      page = pages_.find(uri.substr(0, uri.find('?')));
    return page == pages_.end() ? plain(404, "404 page not found\n") : page->second.get();
  }

  void forget() {
    for (auto& [path, page] : pages_)
      page.made.reset();
  }

private:
  std::map<std::string, kept_page, std::less<>> pages_;
  const http_hosts hosts_;
  const std::string bound_;
};

class page_handler : public Poco::Net::HTTPRequestHandler {
public:
  explicit page_handler(page_store& pages) : pages_(pages) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    const auto answer = pages_.answer(request);
    response.setStatusAndReason(static_cast<status>(answer.status));
    response.setContentType(answer.content_type);
    response.set("X-Content-Type-Options", "nosniff");
    if (answer.content_type.starts_with("text/html")) {
      response.set("Content-Security-Policy", content_policy);
      response.set("X-Frame-Options", "DENY");
    }
    if (answer.status == 405)
      response.set("Allow", "GET, HEAD");
    response.setKeepAlive(false);
    // Without a body on HEAD; the length is that of the page all the same.
    response.sendBuffer(answer.body.data(), answer.body.size());
  }

private:
  page_store& pages_;
};

} // namespace

class request_answers::page_handlers : public Poco::Net::HTTPRequestHandlerFactory {
public:
  explicit page_handlers(page_store pages) : pages(std::move(pages)) {}

  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override {
    // Poco says the request's, which may be any octets: in front of "100 Continue" too, so before it comes to that.
    if (request.getVersion() != Poco::Net::HTTPMessage::HTTP_1_0)
      request.response().setVersion(Poco::Net::HTTPMessage::HTTP_1_1);
    return new page_handler(pages);
  }

  page_store pages;
};

request_answers::request_answers(http_routes routes, http_hosts hosts, std::string bound)
  : params_(new Poco::Net::HTTPServerParams),
    handlers_(new page_handlers({std::move(routes), hosts, std::move(bound)})) {
  params_->setKeepAlive(false);
}

request_answers::request_answers(request_answers&&) noexcept = default;
request_answers::~request_answers() = default;

std::string request_answers::answer(int descriptor, std::string_view request) {
  std::string out;
  try {
    Poco::Net::HTTPServerConnection{memory_socket(descriptor, request, out), params_, handlers_}.run();
  } catch (const std::exception&) {
    // What Poco cannot read it answers itself, or it is no request; the client may be gone, too.
  }
  return out;
}

void request_answers::begin_anew() {
  handlers_->pages.forget();
}

std::string_view too_large_answer() {
  return "HTTP/1.1 400 Bad Request\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n";
}

} // namespace troupe
