// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/client_shares.hpp"
#include "net/endpoint.hpp"

#include <boost/intrusive/list.hpp>
#include <unordered_map>

namespace troupe::net {

/// The connections of clients to all TCP endpoints of one loop, and what they may take together: places, octets, and
/// turns at handing on questions. Whoever takes most pays first: the client with most connections loses one when there
/// is no place, the connection that has been slowest to take its answers (or to send its query) is ended when the
/// octets are used up, and turns go round by client. Each of these costs the same however many connections there are.
/// Owned by the endpoints. Thread: the home loop.
class tcp_clients {
  using hook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  template <class T, hook T::*Member>
  using list = boost::intrusive::list<T, boost::intrusive::member_hook<T, hook, Member>,
                                      boost::intrusive::constant_time_size<false>>;
  struct client;

public:
  struct limits {
    size_t connections = 20'000;
    size_t octets = size_t{32} << 20; ///< of queries in part and of answers that clients have not taken
    size_t running = 64;              ///< questions that were handed on and neither are answered nor wait for others
    /// Without a query (CoreDNS's default).
    std::chrono::nanoseconds quiet{std::chrono::seconds{10}};
    /// For the rest of a query, or for taking connection::least_taken.
    std::chrono::nanoseconds slow{std::chrono::seconds{5}};
  };

  /// What a connection waits for.
  enum class stage : uint8_t {
    quiet, ///< a query; nothing is under way
    owing, ///< its client: for the rest of a query, or for taking what was written
    busy   ///< us
  };

  /// Its owner destroys it; then it is in no list any more.
  class connection {
  public:
    connection(tcp_clients& of, client_key who);
    virtual ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    virtual void end() = 0;                       ///< destroys it
    virtual void take_turn(size_t questions) = 0; ///< hands on so many at most; may destroy it
    bool awaits_turn() const noexcept { return in_turn_.is_linked(); }

    /// Octets that a client takes at least within limits::slow, or all there are: one now and then is not enough.
    static constexpr size_t least_taken = 16 * 1024;

  private:
    friend class tcp_clients;
    tcp_clients& of_;
    client& client_;
    stage stage_ = stage::busy;
    size_t octets_ = 0;
    time_point since_; ///< when this stage began, or the client last did its part
    hook in_client_, in_time_, in_turn_;
  };

  tcp_clients(loop& home, limits bounds) : home_(home), bounds_(bounds) {}
  ~tcp_clients();

  void set_times(std::chrono::nanoseconds quiet, std::chrono::nanoseconds slow) noexcept {
    bounds_.quiet = quiet;
    bounds_.slow = slow;
  }

  /// Whose slots in flight count as running.
  void add(const endpoint& which) { endpoints_.push_back(&which); }
  void remove(const endpoint& which) noexcept { std::erase(endpoints_, &which); }

  /// Says where a connection stands and how much it holds. `did_part`: its client has, since this was said last.
  void note(connection& which, stage now, size_t octets, bool did_part);

  bool full() const noexcept { return connections_ >= bounds_.connections; }
  /// Ends up to `places` connections, each of the client that has most then, quiet ones first. False: there was none.
  bool make_room(size_t places);

  size_t octets() const noexcept { return octets_; }
  /// Then a connection gets one question answered at a time, as from CoreDNS always.
  bool scarce() const noexcept { return octets_ > bounds_.octets / 2; }
  /// Ends the slowest until no more is held than may be. At the end of a turn, since any connection may go.
  void relieve();

  /// Whether one may hand on questions at once: nobody else waits, and little is under way.
  bool may_go_ahead() const noexcept { return turns_.empty() && running() < bounds_.running; }
  void await_turn(connection& which);
  /// At the end of a turn of the loop: those who wait, client by client.
  void give_turns();
  /// The loop must not sleep on what is left.
  void turn_again();

  /// Ends some of those that were quiet or slow for too long; true: there may be more.
  bool sweep();

private:
  struct client {
    client_key key;
    size_t connections = 0;
    hook in_count, in_turns;
    list<connection, &connection::in_client_> quiet, others; ///< longest first
    list<connection, &connection::in_turn_> turns;
  };

  client& enter(client_key who);
  void leave(connection& which) noexcept;
  void count(client& who, size_t connections);
  connection* to_give_way() noexcept;
  size_t running() const noexcept;

  loop& home_;
  limits bounds_;
  std::vector<const endpoint*> endpoints_;
  std::unordered_map<client_key, client, client_key_hash> clients_;
  std::vector<list<client, &client::in_count>> by_count_; ///< clients with so many connections; the last is not empty
  list<connection, &connection::in_time_> quiet_, owing_; ///< longest first
  list<client, &client::in_turns> turns_;                 ///< with connections that await theirs
  size_t connections_ = 0, octets_ = 0;
  loop::timer_id next_turn_ = 0;
};

} // namespace troupe::net
