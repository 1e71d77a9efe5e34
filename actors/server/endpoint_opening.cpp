// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/failure_text.hpp"
#include "actors/server/endpoint_set.hpp"
#include "net/descriptor_shares.hpp"

#include <thread>

namespace troupe {

namespace {

constexpr std::chrono::milliseconds drain_pause{2};
/// How long an address that the last plan gave up may still be answering when the next one wants it back: longer than
/// any query lives.
constexpr std::chrono::seconds leaving_limit{5};

/// The line that names the address.
std::string bound_at(const config::plan& plan, const listening_place& at) {
  const auto& block = plan.blocks[at.listener->zones.front().block];
  const config::place& where = block.bind ? block.bind->at : block.at;
  return where.file + ":" + std::to_string(where.line) + " - ";
}

} // namespace

std::optional<std::string> endpoint_set::open(const config::plan& plan, fresh& into,
                                              const std::function<bool()>& ended) {
  for (auto& at : places_of(plan, net::has_ipv6())) {
    const auto same = [&](bool leaving) {
      return std::any_of(endpoints_.begin(), endpoints_.end(),
                         [&](auto& e) { return e->leaving == leaving && e->key == at.key(); });
    };
    for (const auto end = std::chrono::steady_clock::now() + leaving_limit; same(true); end_endpoints()) {
      if (ended() || std::chrono::steady_clock::now() > end)
        return bound_at(plan, at) + "cannot listen on " + config::host_port{at.host, at.listener->port}.text() +
               " yet: queries that came before it was given up are still in flight; reload again in a moment";
      std::this_thread::sleep_for(drain_pause);
    }
    if (same(false))
      continue;
    if (auto failed = open_address(at, into.sockets))
      return bound_at(plan, at) + *failed;
  }
  return std::nullopt;
}

/// One UDP and one TCP socket per loop, all on one port, also where the kernel chose it.
std::optional<std::string> endpoint_set::open_address(const listening_place& where, std::vector<opened>& all) const {
  auto at = net::socket_address::from_text(where.host, where.listener->port);
  if (!at)
    return "listen " + where.host + ": not an address, or of an interface that is not there";
  for (auto& other : all)
    if (other.listener == where.listener && where.listener->port == 0)
      at->set_port(net::bound_address(other.udp.get()).port());
  const unsigned sockets = where.listener->sockets;
  for (size_t i = 0; i < (sockets != 0 ? sockets : actors_.loop_count()); ++i) {
    auto udp = net::open_udp(*at);
    if (auto* failed = std::get_if<net::socket_error>(&udp))
      return failed->what;
    at->set_port(net::bound_address(std::get<net::descriptor>(udp).get()).port());
    auto tcp = net::open_tcp(*at);
    if (auto* failed = std::get_if<net::socket_error>(&tcp))
      return failed->what;
    all.push_back({where.listener, where.key(), at->to_text(), i, std::move(std::get<net::descriptor>(udp)),
                   std::move(std::get<net::descriptor>(tcp))});
  }
  return std::nullopt;
}

std::optional<std::string> endpoint_set::watch(const config::plan& plan, fresh& of) {
  for (auto& socket : of.sockets)
    try {
      actors_.run_on(socket.index % actors_.loop_count(), [&] { add_endpoints(socket, plan, of); });
    } catch (const std::exception& e) {
      return "listen " + socket.address + ": the socket cannot be watched with epoll: " + failure_text(e);
    }
  of.sockets.clear();
  return std::nullopt;
}

/// On the socket's loop.
void endpoint_set::add_endpoints(opened& socket, const config::plan& plan, fresh& to) {
  const size_t loop = socket.index % actors_.loop_count();
  net::loop& home = actors_.loop(loop);
  const net::endpoint::limits bounds{10'000 / actors_.loop_count(), plan.udp_octets};
  const std::string where = socket.address + "/" + std::to_string(socket.index);
  const auto add = [&](net::protocol by, std::unique_ptr<net::endpoint> endpoint) {
    const std::string name = "listener/" + std::string{text(by)} + "/" + where;
    to.endpoints.push_back(
      std::make_unique<endpoint_on_loop>(endpoint_on_loop{name, socket.key, loop, by, std::move(endpoint), nullptr}));
  };
  add(net::protocol::udp, std::make_unique<net::udp_endpoint>(home, std::move(socket.udp), bounds));
  add(net::protocol::tcp, std::make_unique<net::tcp_endpoint>(home, std::move(socket.tcp), bounds,
                                                              net::tcp_endpoint::stream_limits{}, clients_on(loop)));
}

/// Those of a loop's endpoints, on that loop.
std::shared_ptr<net::tcp_clients> endpoint_set::clients_on(size_t loop) {
  tcp_clients_.resize(actors_.loop_count());
  auto clients = tcp_clients_[loop].lock();
  if (!clients) {
    net::tcp_clients::limits bounds;
    const size_t share = net::descriptor_shares::of_process().most(net::descriptor_use::clients);
    bounds.connections = std::min(bounds.connections, share) / actors_.loop_count();
    bounds.octets /= actors_.loop_count();
    clients = std::make_shared<net::tcp_clients>(actors_.loop(loop), bounds);
    tcp_clients_[loop] = clients;
  }
  return clients;
}

void endpoint_set::close(fresh& unused) {
  for (auto& e : unused.endpoints)
    actors_.run_on(e->loop, [&] { e->socket.reset(); });
  unused = {};
}

} // namespace troupe
