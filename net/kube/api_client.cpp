// SPDX-License-Identifier: Apache-2.0
#include "net/kube/api_client.hpp"

#include "net/kube/session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace troupe::kube {

namespace asio = boost::asio;

namespace {

/// Asio says nothing if the kernel has no room to watch what wakes it, and would sleep for ever.
constexpr std::chrono::seconds look_up_every{1};

/// The same for what its timers need: throws if none of them would ever fire.
void prove_timers(asio::io_context& io) {
  constexpr std::chrono::seconds enough{5};
  bool fired = false;
  asio::steady_timer timer{io, std::chrono::nanoseconds{1}};
  timer.async_wait([&](boost::system::error_code) { fired = true; });
  io.run_one_for(enough);
  if (!fired)
    throw std::runtime_error("the API client would not notice time: the kernel had no room for what epoll is to watch");
}

} // namespace

class api_client::impl {
public:
  impl(api_server server, api_options options, api_callbacks callbacks)
    : shared_(std::move(server), std::move(options), std::move(callbacks)), work_(shared_.io->get_executor()),
      token_timer_(*shared_.io), tls_timer_(*shared_.io) {
    prove_timers(*shared_.io);
    for (auto resource : all_resources)
      if (shared_.options.keep.wants(resource))
        sessions_[static_cast<size_t>(resource)] = std::make_unique<session>(resource, shared_);
  }

  ~impl() { stop(); }

  void start() {
    asio::post(*shared_.io, [this] { begin(); });
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& failed) {
      throw std::system_error(failed.code(), "no thread for the API client");
    }
  }

  void stop() {
    shared_.io->stop();
    if (thread_.joinable())
      thread_.join();
    each([](session& s) { s.close(); });
  }

  void turn_to(api_server&& next) {
    asio::post(*shared_.io, [this, next = std::move(next)]() mutable {
      const bool same = next == shared_.server, had_tls = shared_.server.tls;
      shared_.server = std::move(next);
      shared_.token = token_source{shared_.server};
      shared_.token.refresh();
      if (!same)
        shared_.forget_tls();
      if (!same || (shared_.server.tls && shared_.renew_tls()))
        each([same](session& s) { same ? s.renew_connection() : s.turn(); });
      if (!had_tls)
        refresh_tls();
    });
  }

  /// Runs `work` on the client's thread.
  template <class Work>
  void with(resource resource, Work work) {
    if (auto* found = sessions_[static_cast<size_t>(resource)].get())
      asio::post(*shared_.io, [found, work] { work(*found); });
  }

  api_status status(resource resource) const {
    auto& found = sessions_[static_cast<size_t>(resource)];
    return found ? found->status() : api_status{};
  }

  std::vector<std::pair<resource, api_status>> statuses() const {
    std::vector<std::pair<resource, api_status>> out;
    for (size_t i = 0; i < sessions_.size(); ++i)
      if (sessions_[i])
        out.emplace_back(static_cast<resource>(i), sessions_[i]->status());
    return out;
  }

  const std::string& origin() const { return shared_.server.origin; }

private:
  void begin() {
    shared_.token.refresh();
    refresh_token();
    refresh_tls();
    each([](session& s) { s.start(); });
  }

  /// Nothing that the server sends may end the process: what is thrown (out of memory, a callback) costs a new list.
  void run() {
    while (!shared_.io->stopped())
      try {
        shared_.io->run_for(look_up_every);
      } catch (const std::exception& error) {
        shared_.log(severity::error, std::string{"the API client starts again after: "} + error.what());
        each([](session& s) { s.recover(); });
      }
  }

  void refresh_token() {
    every(token_timer_, shared_.options.timings.token_refresh, [this] {
      shared_.token.refresh();
      refresh_token();
    });
  }

  void refresh_tls() {
    if (shared_.server.tls)
      every(tls_timer_, shared_.options.timings.tls_refresh, [this] {
        std::string bad;
        if (shared_.renew_tls(&bad))
          each([](session& s) { s.renew_connection(); });
        else if (!bad.empty())
          shared_.log(severity::warning, bad + "; the old certificates stay in use");
        refresh_tls();
      });
  }

  template <class Work>
  void every(asio::steady_timer& timer, std::chrono::milliseconds period, Work work) {
    timer.expires_after(period);
    timer.async_wait([work](boost::system::error_code error) {
      if (!error)
        work();
    });
  }

  template <class Work>
  void each(Work work) {
    for (auto& one : sessions_)
      if (one)
        work(*one);
  }

  client_shared shared_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer token_timer_, tls_timer_;
  std::array<std::unique_ptr<session>, resource_count> sessions_;
  std::thread thread_;
};

api_client::api_client(api_server server, api_options options, api_callbacks callbacks)
  : impl_(std::make_unique<impl>(std::move(server), std::move(options), std::move(callbacks))) {}

api_client::~api_client() = default;

void api_client::start() {
  impl_->start();
}

void api_client::stop() {
  impl_->stop();
}

void api_client::grant(resource resource, size_t chunks) {
  impl_->with(resource, [chunks](session& s) { s.grant(chunks); });
}

void api_client::relist(resource resource) {
  impl_->with(resource, [](session& s) { s.relist(); });
}

void api_client::turn_to(api_server server) {
  impl_->turn_to(std::move(server));
}

api_status api_client::status(resource resource) const {
  return impl_->status(resource);
}

std::vector<std::pair<resource, api_status>> api_client::statuses() const {
  return impl_->statuses();
}

const std::string& api_client::origin() const {
  return impl_->origin();
}

} // namespace troupe::kube
