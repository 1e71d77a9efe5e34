// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The pages for machines and operators: health, readiness, metrics, actors. No CAF here: a page is a function.
namespace troupe {

struct http_response {
  /// The part of a body that is about `names`.
  using selector = std::string (*)(std::string_view body, const std::vector<std::string>& names);

  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  selector select = nullptr; ///< for `?name[]=…`; null: there are no parts
  bool compress = false;     ///< for who takes gzip
};

/// Makes a page. Called on a server's thread, which serves nobody else meanwhile; by several servers at once if they
/// share it. What it throws becomes a 500.
using http_page = std::function<http_response()>;

/// Pages by path, decoded and compared whole (`/metrics`); by path and query string (`/ready?verbose`), which goes
/// before the path alone.
using http_routes = std::map<std::string, http_page, std::less<>>;

/// What a request's `Host` may say.
enum class http_hosts : uint8_t {
  any,
  own ///< a numeric address, localhost, or the name listened on: a web page's own name may not lead a browser here
};

/// Bounds on what clients can cost. Poco's own come on top: 100 header fields.
struct http_limits {
  size_t connections = 256;                     ///< open at once; a quarter of descriptor_use::pages if that is less
  size_t header = 8 * 1024;                     ///< octets of request line and header
  std::chrono::milliseconds request{3'000};     ///< from accept to the last octet of the request's header
  std::chrono::milliseconds connection{10'000}; ///< from accept to the last octet of the answer
  std::chrono::milliseconds idle{75'000};       ///< between two requests; more than the minute between two scrapes
  size_t unsent = 16 << 20; ///< octets of answers that clients have not taken yet; one may be larger
  int rest = 4;             ///< pages are not made for so many times as long as making them took
};

struct listen_error {
  std::string address; ///< as it was given
  std::string reason;  ///< `address already in use`, …

  /// `listen tcp 127.0.0.1:8080: address already in use`
  std::string text() const { return "listen tcp " + address + ": " + reason; }
};

/// One listening address with its pages, served by one thread of its own, which waits for no client: connections that
/// say nothing or take nothing cost a descriptor each, and the oldest of the busiest address makes room for the next.
/// Answers GET and HEAD, and keeps connections (RFC 9112 section 9.3). Thread: whoever owns it; start and stop are not
/// for loops.
class http_server {
public:
  using started = std::variant<std::unique_ptr<http_server>, listen_error>;

  /// Listens on `address`: `HOST:PORT`, `[IPV6]:PORT`, or `:PORT` for all addresses of both families (only IPv4 where
  /// the kernel has no IPv6). Port 0 takes a free one.
  static started start(const std::string& address, http_routes routes, http_hosts hosts = http_hosts::any,
                       const http_limits& limits = {});

  /// Stops.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Closes the port, ends open connections and joins the thread. A page that is being made is waited for. May be
  /// called twice.
  void stop() noexcept;

  /// The port it listens on.
  uint16_t port() const noexcept;

private:
  class impl;
  explicit http_server(std::unique_ptr<impl> impl);
  std::unique_ptr<impl> impl_;
};

} // namespace troupe
