// SPDX-License-Identifier: Apache-2.0
#include "config/listeners.hpp"

#include "config/bounds.hpp"
#include "config/directives/timeouts.hpp"

#include <map>
#include <set>
#include <utility>

namespace troupe::config {

namespace {

std::variant<uint16_t, std::string> port_of(const zone_key& key, const environment& env) {
  const std::string text = !key.port.empty()     ? key.port
                           : key.scheme == "dns" ? env.default_port
                                                 : default_port(key.scheme);
  auto read = parse_host_port(":" + text, port_names_of(env, "udp"));
  if (auto* problem = std::get_if<std::string>(&read))
    return *problem;
  return std::get<host_port>(read).port;
}

/// A zone at an address as CoreDNS prints it: `dns://.:53 on 127.0.0.1`.
std::string address_text(const std::string& zone, uint16_t port, const std::string& host) {
  return "dns://" + zone + ":" + std::to_string(port) + (host.empty() ? "" : " on " + host);
}

/// Knows which zones are served where. No two blocks may share a zone at an address, but for those with a `view`, and
/// what is served everywhere may not be served at one address again.
class occupied {
public:
  std::optional<std::string> add(const std::string& zone, uint16_t port, const std::string& host, bool in_view) {
    const std::string here = address_text(zone, port, host), everywhere = address_text(zone, port, "");
    if (!in_view && served_.count(here))
      return "cannot serve " + here + " - it is already defined";
    auto other = first_.find(everywhere);
    if (other != first_.end() && (host.empty() || served_.count(everywhere)))
      return "cannot serve " + here + " - zone overlap listener capacity with " +
             (host.empty() ? other->second : everywhere);
    if (in_view)
      return std::nullopt;
    served_[here] = true;
    first_[everywhere] = here;
    return std::nullopt;
  }

private:
  std::map<std::string, bool> served_;
  std::map<std::string, std::string> first_; // zone at every address -> where it is served
};

parse_error too_many_zones(place at) {
  return error_at(std::move(at), "more than " + std::to_string(max_zones) + " zones at all addresses");
}

/// Listeners of a plan by where they listen: there may be as many as there are ports.
class listeners {
public:
  explicit listeners(plan& p) : plan_(p) {}

  listener_plan& at(const std::string& host, uint16_t port, const server_block& first) {
    const auto [found, is_new] = known_.try_emplace({host, port}, plan_.listeners.size());
    if (!is_new)
      return plan_.listeners[found->second];
    listener_plan made;
    made.host = host;
    made.port = port;
    made.server = "dns://" + host_port{host, port}.text();
    made.sockets = first.multisocket ? first.multisocket->sockets : 0;
    plan_.listeners.push_back(std::move(made));
    return plan_.listeners.back();
  }

  /// A zone that is there already, by the other unspecified address, stays with the block that had it first.
  void add(const std::string& host, uint16_t port, const server_block& block, served_zone zone) {
    listener_plan& listener = at(host, port, block);
    if (block.uses.contains("timeouts"))
      listener.queries = block.own<timeouts_options>("timeouts").queries;
    const bool in_view = block.uses.contains("view");
    listener.has_views |= in_view;
    auto& zones = listener.zones;
    if (!host.empty() || in_view || served_.insert(zone.label + ":" + std::to_string(port)).second)
      zones.push_back(std::move(zone));
  }

private:
  plan& plan_;
  std::map<std::pair<std::string, uint16_t>, size_t> known_;
  std::set<std::string> served_; // everywhere
};

/// Where nobody says `bind`, a port is everywhere already: an unspecified address of another block is no socket of its
/// own, or the kernel would give each question to either.
const std::string& listening_host(const std::string& host, bool everywhere_too) {
  static const std::string everywhere;
  return everywhere_too && is_unspecified(host) ? everywhere : host;
}

std::set<uint16_t> unbound_ports(const std::vector<keyed_block>& blocks, const plan& p) {
  std::set<uint16_t> out;
  for (size_t b = 0; b < blocks.size(); ++b)
    for (const auto& key : blocks[b].keys)
      if (!p.blocks[b].bind)
        out.insert(key.port);
  return out;
}

/// Zones that several blocks have at a listener, each with a `view`, are asked in the Corefile's order.
void link_same_zones(listener_plan& listener) {
  std::map<std::string, uint32_t> last;
  for (uint32_t i = 0; i < listener.zones.size(); ++i) {
    const auto [found, is_first] = last.try_emplace(listener.zones[i].zone.lowered().to_text(), i);
    if (!is_first)
      listener.zones[std::exchange(found->second, i)].next = i;
  }
}

} // namespace

std::variant<keyed_block, parse_error> read_keys(raw_block raw, const environment& env, size_t& zones,
                                                 std::vector<parse_error>& missing) {
  keyed_block block;
  for (const auto& word : raw.keys) {
    auto parts = parse_zone_key(word.text);
    if (auto* problem = std::get_if<std::string>(&parts))
      return error_at(word.at(), *problem);
    keyed_block::key key{word.at(), std::get<zone_key>(std::move(parts)), 0};
    if (key.parts.scheme == "unix")
      return error_at(word.at(), "nothing is served at " + word.text + ": clients do not ask by 'unix'; use dns://");
    if (key.parts.scheme != "dns")
      missing.push_back(not_yet_at(word.at(), "scheme '" + key.parts.scheme + "'"));
    auto port = port_of(key.parts, env);
    if (auto* problem = std::get_if<std::string>(&port))
      return error_at(word.at(), *problem);
    key.port = std::get<uint16_t>(port);
    zones += key.parts.zones.size();
    if (zones > max_zones)
      return too_many_zones(word.at());
    block.keys.push_back(std::move(key));
  }
  block.raw = std::move(raw);
  return block;
}

failure make_listeners(const std::vector<keyed_block>& blocks, plan& p) {
  static const std::vector<std::string> everywhere{""};
  occupied taken;
  listeners all{p};
  const auto unbound = unbound_ports(blocks, p);
  size_t zones = 0;
  for (uint32_t b = 0; b < blocks.size(); ++b) {
    const server_block& options = p.blocks[b];
    const auto& hosts = options.bind ? options.bind->addresses : everywhere;
    uint32_t position = 0;
    for (const auto& key : blocks[b].keys) {
      for (const auto& zone : key.parts.zones) {
        const std::string label = zone.to_text();
        for (const auto& host : hosts) {
          if (++zones > max_zones)
            return too_many_zones(key.at);
          if (auto problem = taken.add(label, key.port, host, options.uses.contains("view")))
            return error_at(key.at, *problem);
          all.add(listening_host(host, unbound.contains(key.port)), key.port, options, {zone, label, b, position});
        }
        ++position;
      }
    }
  }
  for (auto& listener : p.listeners) {
    std::vector<dns::name> zones;
    for (const auto& zone : listener.zones)
      zones.push_back(zone.zone);
    listener.index = zone_index{zones};
    if (listener.has_views)
      link_same_zones(listener);
  }
  return std::nullopt;
}

} // namespace troupe::config
