// SPDX-License-Identifier: Apache-2.0
#include "net/kube/session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>

#include <fmt/format.h>

namespace troupe::kube {

namespace asio = boost::asio;

client_shared::client_shared(api_server s, api_options o, api_callbacks c)
  : server(std::move(s)), options(std::move(o)), callbacks(std::move(c)), io(std::make_shared<asio::io_context>(1)),
    token(server), pace(options.limits), gate(options.limits.in_flight) {}

bool client_shared::renew_tls(std::string* bad) {
  auto read = read_tls_material(server);
  if (auto* unread = std::get_if<problem>(&read)) {
    if (bad)
      *bad = unread->to_text();
    return false;
  }
  if (material == std::get<tls_material>(read))
    return false;
  auto made = make_tls_context(server, std::get<tls_material>(read));
  if (auto* broken = std::get_if<problem>(&made)) {
    if (bad)
      *bad = broken->to_text();
    return false;
  }
  material = std::get<tls_material>(std::move(read));
  tls = std::get<0>(std::move(made));
  return true;
}

void client_shared::log(severity level, const std::string& text) const {
  if (callbacks.on_log)
    callbacks.on_log(level, text);
}

session::session(resource resource, client_shared& shared)
  : resource_(resource), shared_(shared), host_(fmt::format("{}:{}", shared.server.host, shared.server.port)),
    timer_(*shared.io), pace_timer_(*shared.io) {
  reflector_.emplace(resource_, shared_.options, static_cast<reflector_io&>(*this));
}

session::~session() = default;

void session::start() {
  reflector_->start();
  publish();
}

void session::grant(size_t chunks) {
  reflector_->grant(chunks);
  publish();
}

void session::relist() {
  reflector_->relist();
  publish();
}

void session::close() {
  running_ = false;
  leave_gate();
  ++timer_id_;
  if (connection_)
    connection_->close();
  connection_.reset();
}

void session::turn() {
  host_ = fmt::format("{}:{}", shared_.server.host, shared_.server.port);
  recover();
}

void session::recover() {
  const size_t credit = reflector_->credit();
  const freshness fresh = reflector_->fresh();
  close();
  reflector_.emplace(resource_, shared_.options, static_cast<reflector_io&>(*this));
  reflector_->grant(credit);
  reflector_->remember(fresh);
  wait(shared_.options.timings.backoff_first); // its phase is a list: the timer begins it
}

void session::renew_connection() {
  if (!running_)
    return connection_ ? close() : void();
  close();
  const exchange_error error{exchange_error::kind::renewed, "certificates were renewed"};
  end(&error);
}

api_status session::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void session::publish() {
  std::lock_guard lock(mutex_);
  status_.synced = status_.synced || reflector_->synced();
  status_.connected = reflector_->connected();
  if (status_.last_error != reflector_->last_error())
    status_.last_error = reflector_->last_error();
  status_.skipped = reflector_->skipped();
  status_.relists = reflector_->relists();
  status_.watches = reflector_->watches();
  status_.audits = reflector_->audits();
  status_.objects = reflector_->objects();
  status_.fresh = reflector_->fresh();
  status_.last_contact = last_contact_;
}

// ---- reflector_io
// ------------------------------------------------------------------------------------------------------

void session::get(reflector_io::request wanted) {
  request_ = std::move(wanted);
  running_ = true;
  // Not from within the call: a failure to send must find the reflector at rest.
  asio::post(*shared_.io, [this, id = ++exchange_id_] {
    if (running_ && id == exchange_id_)
      admit(id);
  });
}

void session::admit(uint64_t id) {
  const auto asked = now();
  const auto wait = shared_.pace.reserve(asked);
  if (wait.count() == 0)
    return let_in(id, asked);
  pace_timer_.expires_after(wait);
  pace_timer_.async_wait([this, id, asked](boost::system::error_code error) {
    if (!error && running_ && id == exchange_id_)
      let_in(id, asked);
  });
}

void session::let_in(uint64_t id, std::chrono::steady_clock::time_point asked) {
  shared_.gate.enter([this, id, asked] {
    // From here on not within whoever left, and the request may have been given up while it waited.
    asio::post(*shared_.io, [this, id, asked] {
      if (!running_ || id != exchange_id_)
        return shared_.gate.leave();
      inside_ = true;
      held_back_ = now() - asked;
      send();
    });
  });
}

/// A watch is in flight until it is answered, a list until it is whole.
void session::leave_gate() {
  if (std::exchange(inside_, false))
    shared_.gate.leave();
}

void session::send() {
  had_head_ = false;
  sent_ = now();
  if (!connection_) {
    std::string bad;
    if (shared_.server.tls && (!shared_.tls || std::exchange(distrusted_, false)) && !shared_.renew_tls(&bad) &&
        !shared_.tls) {
      const exchange_error error{exchange_error::kind::handshake, bad};
      return end(&error);
    }
    connection_ = make_connection(shared_.io, shared_.server, shared_.tls, shared_.options.timings);
    reused_ = false;
  }
  connection_->get({request_.target, request_.accept, shared_.token.token(), shared_.options.user_agent, request_.idle,
                    request_.deadline},
                   *this);
}

void session::abort() {
  running_ = false;
  leave_gate();
  if (connection_)
    connection_->close();
  connection_.reset();
}

void session::resume() {
  // The consumer calls grant() from inside a chunk as well; the body is read on when all that is done.
  asio::post(*shared_.io, [this, id = exchange_id_] {
    if (running_ && id == exchange_id_ && connection_)
      connection_->resume();
  });
}

void session::wait(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([this, id = ++timer_id_](boost::system::error_code error) {
    if (error || id != timer_id_)
      return;
    reflector_->on_timer();
    publish();
  });
}

bool session::renew_token() {
  return shared_.token.refresh();
}

void session::emit(chunk&& part) {
  shared_.callbacks.on_chunk(std::move(part));
}

void session::synced() {
  if (shared_.callbacks.on_synced && !status_.synced)
    shared_.callbacks.on_synced(resource_);
}

void session::log(severity level, const std::string& text) {
  shared_.log(level, text);
}

std::chrono::steady_clock::time_point session::now() {
  return std::chrono::steady_clock::now();
}

double session::random() {
  return std::uniform_real_distribution<double>{0, 1}(shared_.random);
}

// ---- connection_events
// -------------------------------------------------------------------------------------------------

void session::report(int code) {
  if (shared_.callbacks.on_request)
    shared_.callbacks.on_request({code, "GET", host_, request_.watch ? "WATCH" : "LIST", now() - sent_, held_back_});
}

void session::on_head(int status, std::chrono::milliseconds retry_after, std::string_view content_type) {
  had_head_ = true;
  last_contact_ = now();
  report(status);
  if (request_.watch)
    leave_gate();
  reflector_->on_head(status, retry_after, content_type);
  publish();
}

bool session::on_body(std::string_view piece) {
  last_contact_ = now();
  const bool go_on = reflector_->on_body(piece);
  publish();
  return go_on;
}

void session::on_end(const exchange_error* error, bool reusable) {
  if (!reusable)
    connection_.reset();
  // A kept connection may have been closed by the server just now: that is no failure, a new one is.
  if (error && !had_head_ && std::exchange(reused_, false) && error->cause == exchange_error::kind::lost) {
    const exchange_error closed{exchange_error::kind::closed, error->text};
    return end(&closed);
  }
  reused_ = reusable;
  distrusted_ = error && error->cause == exchange_error::kind::handshake;
  if (error && !had_head_)
    report(0);
  end(error);
}

void session::end(const exchange_error* error) {
  running_ = false;
  leave_gate();
  reflector_->on_end(error);
  publish();
}

} // namespace troupe::kube
