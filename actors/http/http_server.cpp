// SPDX-License-Identifier: Apache-2.0
#include "actors/http/http_server.hpp"

#include "actors/http/bounded_socket.hpp"
#include "actors/http/listen.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timespan.h>

#include <sys/socket.h>

namespace troupe {

namespace {

using status = Poco::Net::HTTPResponse::HTTPStatus;

constexpr int stack_octets = 256 * 1024;
constexpr int idle_seconds = 10; ///< after which a thread without work ends

http_response plain(int code, const char* text) {
  return {code, "text/plain; charset=utf-8", text};
}

class page_handler : public Poco::Net::HTTPRequestHandler {
public:
  explicit page_handler(const http_routes& routes) : routes_(routes) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    const auto answer = make(request);
    response.setStatusAndReason(static_cast<status>(answer.status));
    response.setContentType(answer.content_type);
    response.set("X-Content-Type-Options", "nosniff");
    if (answer.status == 405)
      response.set("Allow", "GET, HEAD");
    response.setKeepAlive(false);
    // Without a body on HEAD; the length is that of the page all the same.
    response.sendBuffer(answer.body.data(), answer.body.size());
  }

private:
  http_response make(const Poco::Net::HTTPServerRequest& request) const {
    const auto& method = request.getMethod();
    if (method != Poco::Net::HTTPRequest::HTTP_GET && method != Poco::Net::HTTPRequest::HTTP_HEAD)
      return plain(405, "405 method not allowed\n");
    const std::string_view uri = request.getURI();
    auto page = routes_.find(uri);
    if (page == routes_.end())
      page = routes_.find(uri.substr(0, uri.find('?')));
    if (page == routes_.end())
      return plain(404, "404 page not found\n");
    try {
      return page->second();
    } catch (const std::exception& e) {
      return {500, "text/plain; charset=utf-8", std::string{"500 "} + e.what() + "\n"};
    }
  }

  const http_routes& routes_;
};

class page_handlers : public Poco::Net::HTTPRequestHandlerFactory {
public:
  explicit page_handlers(http_routes routes) : routes_(std::move(routes)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override {
    // Poco says the request's, which may be any octets: in front of "100 Continue" too, so before it comes to that.
    request.response().setVersion(Poco::Net::HTTPMessage::HTTP_1_1);
    return new page_handler(routes_);
  }

private:
  const http_routes routes_;
};

Poco::Net::HTTPServerParams::Ptr params(const http_limits& limits) {
  Poco::Net::HTTPServerParams::Ptr p = new Poco::Net::HTTPServerParams;
  p->setMaxThreads(limits.threads);
  p->setMaxQueued(limits.queued);
  p->setTimeout(Poco::Timespan(limits.request.count() * Poco::Timespan::MILLISECONDS));
  p->setKeepAlive(false);
  p->setThreadIdleTime(Poco::Timespan(idle_seconds, 0));
  return p;
}

} // namespace

class http_server::impl {
public:
  impl(int fd, http_routes routes, const http_limits& limits)
    : port_(local_port(fd)), connections_(std::make_shared<open_connections>()),
      socket_(bounded_server_socket(fd, limits, connections_)),
      pool_(1, limits.threads + 1, idle_seconds, stack_octets),
      server_(new page_handlers(std::move(routes)), pool_, socket_, params(limits)) {
    server_.start();
  }

  void stop() {
    // Poco looks a quarter of a second later whether it is to stop; this wakes it, and the port is free at once.
    ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR);
    server_.stop();
    socket_.close(); // the server keeps its handle on it
    connections_->end_all();
    pool_.joinAll();
  }

  uint16_t port() const noexcept { return port_; }

private:
  const uint16_t port_;
  std::shared_ptr<open_connections> connections_;
  Poco::Net::ServerSocket socket_;
  Poco::ThreadPool pool_;
  Poco::Net::HTTPServer server_;
};

http_server::http_server(std::unique_ptr<impl> impl) : impl_(std::move(impl)) {}

http_server::started http_server::start(const std::string& address, http_routes routes, const http_limits& limits) {
  auto listening = listen_tcp(address);
  if (auto* why = std::get_if<std::string>(&listening))
    return listen_error{address, std::move(*why)};
  try {
    auto running = std::make_unique<impl>(std::get<int>(listening), std::move(routes), limits);
    return std::unique_ptr<http_server>{new http_server(std::move(running))};
  } catch (const std::exception& e) { // no thread to be had
    return listen_error{address, e.what()};
  }
}

http_server::~http_server() {
  stop();
}

void http_server::stop() noexcept {
  try {
    impl_->stop();
  } catch (const std::exception&) {
    // Only joining can fail here, and there is no one left to tell.
  }
}

uint16_t http_server::port() const noexcept {
  return impl_->port();
}

} // namespace troupe
