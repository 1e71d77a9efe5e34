// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/descriptor_shares.hpp"
#include "net/socket.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace troupe {

struct http_limits;

/// One HTTP connection, which never waits: reads until the request's header is whole, holds the answer until the client
/// took it, and goes on with the next request, or after the last answer reads until the client closes, so that no reset
/// overtakes it. Thread: its loop's.
class page_connection {
public:
  using time_point = std::chrono::steady_clock::time_point;
  /// Of the client: IPv6, or IPv4 mapped into it. All zero if unknown.
  using address = std::array<uint8_t, 16>;
  enum class stage : uint8_t {
    reading, ///< the request
    asking,  ///< its header is whole, nobody answered yet
    writing, ///< the answer
    ending,  ///< until the client closes
    over     ///< to be closed
  };

  page_connection(net::descriptor socket, const address& client, net::descriptor_place place, const http_limits& limits,
                  time_point now); ///< `limits` outlive it

  int descriptor() const noexcept { return socket_.get(); }
  const address& client() const noexcept { return client_; }
  stage at() const noexcept { return stage_; }
  /// Whether it holds nothing but a descriptor: no request, or an answer that was sent.
  bool is_idle() const noexcept { return stage_ == stage::reading || stage_ == stage::ending; }
  /// When it is to be closed, whatever it waits for.
  time_point deadline() const noexcept;
  /// For poll(2): what it waits for.
  short events() const noexcept;
  size_t unsent() const noexcept { return answer_.size() - sent_; }
  std::string_view request() const noexcept { return std::string_view{read_}.substr(0, whole_); }

  /// Something of events() came, or an error.
  void proceed(short events, time_point now);
  /// Sends as much as the client takes now; an empty answer closes.
  void answer(std::string text, bool last, time_point now);
  void end() noexcept { stage_ = stage::over; }

private:
  void read(time_point now);
  void look_for_request(time_point now);
  void time_request(time_point now);
  void begin_next(time_point now);
  void write(time_point now);
  void discard();

  net::descriptor socket_;
  net::descriptor_place place_;
  address client_;
  stage stage_ = stage::reading;
  bool last_ = false;  ///< the answer at hand is
  bool later_ = false; ///< it is not the first request
  const http_limits* limits_;
  time_point request_by_, all_by_, end_by_;
  std::string read_, answer_;
  size_t seen_ = 0;  ///< octets of what was read in which no end of the header begins
  size_t whole_ = 0; ///< octets of the request, once its header is whole
  size_t sent_ = 0, discarded_ = 0;
};

} // namespace troupe
