// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/api_client.hpp"
#include "net/kube/connection.hpp"
#include "net/kube/credentials.hpp"
#include "net/kube/reflector.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

/// The pieces of api_client: what all resources share, and a session per resource. Internal to net/kube.
namespace troupe::kube {

/// Everything here is used on the io_context's thread.
struct client_shared {
  api_server server;
  api_options options;
  api_callbacks callbacks;
  std::shared_ptr<boost::asio::io_context> io;
  token_source token;
  std::optional<tls_material> material; ///< what `tls` was made from
  std::shared_ptr<boost::asio::ssl::context> tls;
  std::mt19937_64 random{std::random_device{}()};
  request_pace pace;
  request_gate gate;

  client_shared(api_server s, api_options o, api_callbacks c);

  /// Reads certificates again; true if `tls` changed. What cannot be used leaves the old one; `bad`, where given, says
  /// why.
  bool renew_tls(std::string* bad = nullptr);
  /// Another server: its certificates are read for the next connection.
  void forget_tls() { material.reset(), tls.reset(); }
  void log(severity level, const std::string& text) const;
};

/// Gives one reflector a connection, a timer and a voice.
class session final : private reflector_io, private connection_events {
public:
  session(resource resource, client_shared& shared);
  ~session();

  void start();
  void grant(size_t chunks);
  void relist();
  void renew_connection(); ///< certificates changed
  void turn();             ///< another server: from the beginning
  void recover();          ///< after an exception out of a callback: from the beginning
  void close();
  api_status status() const; ///< any thread

private:
  // reflector_io
  void get(reflector_io::request wanted) override;
  void abort() override;
  void resume() override;
  void wait(std::chrono::milliseconds time) override;
  bool renew_token() override;
  void emit(chunk&& part) override;
  void synced() override;
  void log(severity level, const std::string& text) override;
  std::chrono::steady_clock::time_point now() override;
  double random() override;

  // connection_events
  void on_head(int status, std::chrono::milliseconds retry_after, std::string_view content_type) override;
  bool on_body(std::string_view piece) override;
  void on_end(const exchange_error* error, bool reusable) override;

  void admit(uint64_t id); ///< sends request number `id` when the limits let it
  void let_in(uint64_t id, std::chrono::steady_clock::time_point asked);
  void leave_gate();
  void send();
  void report(int code);
  void end(const exchange_error* error);
  void publish();

  resource resource_;
  client_shared& shared_;
  std::string host_;
  std::optional<reflector> reflector_;
  std::shared_ptr<connection> connection_;
  reflector_io::request request_;
  boost::asio::steady_timer timer_, pace_timer_;
  uint64_t timer_id_ = 0, exchange_id_ = 0;
  bool running_ = false, had_head_ = false, reused_ = false;
  bool inside_ = false; ///< has a place in the gate
  std::chrono::nanoseconds held_back_{0};
  bool distrusted_ = false; ///< the handshake failed: read the certificates again
  std::chrono::steady_clock::time_point sent_{}, last_contact_{};

  mutable std::mutex mutex_; ///< guards status_, which other threads read
  api_status status_;
};

} // namespace troupe::kube
