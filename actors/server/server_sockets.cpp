// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/failure_text.hpp"
#include "actors/server/server.hpp"
#include "net/descriptor_shares.hpp"

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

/// Those of the plan's addresses that nobody listens at yet.
std::optional<std::string> server::open_sockets(change& to, const std::function<bool()>& ended) {
  for (auto& at : places_of(*to.plan, net::has_ipv6())) {
    const auto same = [&](bool leaving) {
      return std::any_of(endpoints_.begin(), endpoints_.end(),
                         [&](auto& e) { return e->leaving == leaving && e->key == at.key(); });
    };
    for (const auto end = std::chrono::steady_clock::now() + leaving_limit; same(true); end_endpoints()) {
      if (ended() || std::chrono::steady_clock::now() > end)
        return bound_at(*to.plan, at) + "cannot listen on " + config::host_port{at.host, at.listener->port}.text() +
               " yet: queries that came before it was given up are still in flight; reload again in a moment";
      std::this_thread::sleep_for(drain_pause);
    }
    if (same(false))
      continue;
    if (auto failed = open_address(at, to.sockets))
      return bound_at(*to.plan, at) + *failed;
  }
  return std::nullopt;
}

/// One UDP and one TCP socket per loop, all on one port, also where the kernel chose it.
std::optional<std::string> server::open_address(const listening_place& where, std::vector<opened>& all) const {
  auto at = net::socket_address::from_text(where.host, where.listener->port);
  if (!at)
    return "listen " + where.host + ": not an address, or of an interface that is not there";
  for (auto& other : all)
    if (other.listener == where.listener && where.listener->port == 0)
      at->set_port(net::bound_address(other.udp.get()).port());
  const unsigned sockets = where.listener->sockets;
  for (size_t i = 0; i < (sockets != 0 ? sockets : loop_count_); ++i) {
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

/// From the plan's sockets, all of them or none.
std::optional<std::string> server::make_endpoints(change& to) {
  for (auto& socket : to.sockets)
    try {
      run_on(socket.index % loop_count_, [&] { add_endpoints(socket, to); });
    } catch (const std::exception& e) {
      return "listen " + socket.address + ": the socket cannot be watched with epoll: " + failure_text(e);
    }
  to.sockets.clear();
  return std::nullopt;
}

/// On the socket's loop.
void server::add_endpoints(opened& socket, change& to) {
  const size_t loop = socket.index % loop_count_;
  net::loop& home = loop_scheduler::of(*system_)[loop].loop;
  const net::endpoint::limits bounds{10'000 / loop_count_, to.plan->udp_octets};
  const std::string where = socket.address + "/" + std::to_string(socket.index);
  const auto add = [&](bool tcp, std::unique_ptr<net::endpoint> endpoint) {
    const std::string name = (tcp ? "listener/tcp/" : "listener/udp/") + where;
    to.endpoints.push_back(
      std::make_unique<endpoint_on_loop>(endpoint_on_loop{name, socket.key, loop, tcp, std::move(endpoint), nullptr}));
  };
  add(false, std::make_unique<net::udp_endpoint>(home, std::move(socket.udp), bounds));
  add(true, std::make_unique<net::tcp_endpoint>(home, std::move(socket.tcp), bounds, net::tcp_endpoint::stream_limits{},
                                                clients_on(loop)));
}

/// Those of a loop's endpoints, on that loop.
std::shared_ptr<net::tcp_clients> server::clients_on(size_t loop) {
  tcp_clients_.resize(loop_count_);
  auto clients = tcp_clients_[loop].lock();
  if (!clients) {
    net::tcp_clients::limits bounds;
    const size_t share = net::descriptor_shares::of_process().most(net::descriptor_use::clients);
    bounds.connections = std::min(bounds.connections, share) / loop_count_;
    bounds.octets /= loop_count_;
    clients = std::make_shared<net::tcp_clients>(loop_scheduler::of(*system_)[loop].loop, bounds);
    tcp_clients_[loop] = clients;
  }
  return clients;
}

/// Addresses that were given up: first they are read empty, then their listener goes, then the sockets.
void server::end_endpoints() {
  for (auto& e : endpoints_)
    if (e->leaving)
      end_endpoint(*e);
  std::lock_guard lock{state_};
  std::erase_if(endpoints_, [](auto& e) { return !e->socket; });
}

void server::end_endpoint(endpoint_on_loop& which) {
  const auto drained = [&] {
    bool is = false;
    run_on(which.loop, [&] { is = which.socket->drained(); });
    return is;
  };
  if (!drained())
    return;
  if (which.attended && !dismiss_children({which.name}))
    return;
  which.attended = false;
  if (!drained()) // what came meanwhile went down with the listener and is answered SERVFAIL
    return;
  std::unique_ptr<net::endpoint> socket;
  {
    std::lock_guard lock{state_};
    add_counters(gone_[which.tcp], which.socket->counters());
    socket = std::move(which.socket);
  }
  retire(std::move(which.plan));
  run_on(which.loop, [&] { socket.reset(); });
}

/// Counts only grow: those of endpoints that are gone stay in the sums.
std::vector<prometheus::MetricFamily> server::slot_families() const {
  std::lock_guard lock{state_};
  endpoint_list all{{"udp", &gone_[false]}, {"tcp", &gone_[true]}};
  for (auto& e : endpoints_)
    if (e->socket)
      all.emplace_back(e->tcp ? "tcp" : "udp", &e->socket->counters());
  return endpoint_families(all);
}

} // namespace troupe
