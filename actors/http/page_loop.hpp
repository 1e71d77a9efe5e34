// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/http_server.hpp"
#include "actors/http/page_connection.hpp"
#include "actors/http/request_answers.hpp"

#include <atomic>
#include <poll.h>
#include <vector>

namespace troupe {

/// Serves the connections of one listening socket on the thread that calls run(), waiting for all of them at once.
class page_loop {
public:
  page_loop(net::descriptor listening, request_answers answers, const http_limits& limits);

  /// Until end().
  void run() noexcept;
  /// Closes the port at once; run() comes back as soon as no page is being made. Any thread.
  void end() noexcept;

private:
  using time_point = page_connection::time_point;

  void turn();
  void wait();
  int wait_ms(time_point now) const;
  void proceed(time_point now);
  void accept_some();
  bool accept_one();
  bool make_room();
  void answer_all();
  bool rests(time_point now) const noexcept { return now < rest_until_; }
  void bound_unsent();
  void drop_over(time_point now);

  const net::descriptor listening_;
  request_answers answers_;
  const http_limits limits_;
  const size_t most_connections_;
  std::vector<page_connection> connections_; ///< oldest first
  std::vector<pollfd> polled_;               ///< the listening socket, then the connections
  time_point accept_from_{};                 ///< earlier there is no descriptor for another connection
  time_point rest_until_{};                  ///< earlier no page is made
  std::atomic<bool> ending_{false};
};

} // namespace troupe
