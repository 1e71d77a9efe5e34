// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// An API server on loopback that does what a test says, octet by octet, also what no server should do.
namespace troupe::test {

/// One accepted connection, as a script sees it. Calls block; after the client went away, or the server stops, they
/// return false and do nothing.
class scripted_peer {
public:
  virtual ~scripted_peer() = default;

  virtual bool send(std::string_view octets) = 0; ///< raw
  virtual bool hold() = 0;                        ///< says nothing until the client goes away or the server stops
  virtual void reset() = 0;                       ///< ends the connection with a TCP RST
  virtual void close() = 0;                       ///< ends the connection as if all were said
  virtual std::string receive(size_t octets) = 0; ///< of a client that speaks no HTTP; fewer if it goes away
  virtual bool join(uint16_t port) = 0; ///< passes octets to and from that port of this host until one of both ends

  bool head(int status, const std::string& headers = {}); ///< with chunked transfer coding
  bool chunk(std::string_view octets);
  bool end_chunks() { return send("0\r\n\r\n"); }
  bool whole(int status, std::string_view body, const std::string& headers = {}); ///< with Content-Length
};

struct scripted_request {
  std::string target; ///< path and query
  std::string head;   ///< all lines
  size_t number = 0;  ///< of all requests to this server, from 0

  bool asks(std::string_view part) const { return target.find(part) != std::string::npos; }
  bool says(std::string_view part) const { return head.find(part) != std::string::npos; }
};

/// PEM texts of a server's certificate; empty: plain HTTP.
struct scripted_identity {
  std::string certificate, key;
  std::string client_authority{}; ///< not empty: clients must show a certificate of it
};

class scripted_api {
public:
  /// Runs on the connection's own thread, once per request. Returning without a whole response closes nothing: the next
  /// request is read.
  using script = std::function<void(const scripted_request&, scripted_peer&)>;

  explicit scripted_api(script play, scripted_identity identity = {}, uint16_t port = 0);
  struct without_http {};
  scripted_api(without_http, script play); ///< runs once per connection, with an empty request
  ~scripted_api();                         ///< stop()

  void stop();                             ///< closes the listener and all connections and joins
  void drop_connections();                 ///< resets what is connected, goes on listening
  void become(scripted_identity identity); ///< for connections from now on

  uint16_t port() const { return port_; }
  std::vector<std::string> targets() const; ///< of all requests so far
  size_t connections() const { return connections_; }

private:
  class connection;
  void accept();
  void serve(connection& peer);

  script play_;
  std::atomic<bool> reads_requests_ = true; ///< the acceptor is at work before the second constructor is over
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<size_t> connections_ = 0;
  std::thread acceptor_;
  mutable std::mutex mutex_; ///< guards all below
  scripted_identity identity_;
  std::vector<std::string> targets_;
  std::list<std::shared_ptr<connection>> open_;
  std::vector<std::thread> threads_;
};

} // namespace troupe::test
