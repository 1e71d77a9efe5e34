// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/loop.hpp"
#include "net/socket.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe::net {

/// Tells one server that a zone has changed (RFC 1996 section 3): a NOTIFY by UDP from a socket of its own, sent again
/// until an answer without error came back or all tries are used up. What comes from elsewhere, or with another ID,
/// does not count. Destroyed before its end it says nothing any more. Thread: the loop's.
class notification {
public:
  static constexpr int tries = 3;                              ///< CoreDNS's
  static constexpr std::chrono::seconds patience{2};           ///< for each; likewise
  static constexpr std::chrono::milliseconds after_error{100}; ///< before the next try, where an answer was an error

  /// Nothing: it was accepted. Else why not, in Go's words: `read udp …: i/o timeout`, `rcode was "REFUSED"`.
  using outcome = std::optional<std::string>;

  /// `then` is called once, never from inside the constructor; it may destroy the notification.
  notification(loop& home, const dns::name& zone, const socket_address& to, const std::optional<socket_address>& from,
               std::function<void(const outcome&)> then);
  ~notification();

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace troupe::net
