// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/upstreams.hpp"

#include "actors/runtime/log.hpp"
#include "config/read_whole.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// A handshake with a server that is there takes no longer, over any way; one that is not leaves time for another.
constexpr std::chrono::seconds handshake_timeout{2};

/// Connections with TLS that are opened for one question each, until the upstream has shown that it answers out of
/// order: each is a handshake, of some 0.5 ms of the loop's time.
constexpr unsigned tls_side_by_side = 16;

/// Files taken apart into addresses.
std::vector<config::upstream_source> addresses_of(const config::forward_options& options) {
  std::vector<config::upstream_source> out;
  for (auto& source : options.to) {
    if (source.file.empty()) {
      out.push_back(source);
      continue;
    }
    const auto content = config::read_whole(source.file);
    if (auto* text = std::get_if<std::string>(&content))
      for (auto& server : config::read_nameservers(*text))
        out.push_back({server, {}});
  }
  if (out.size() > config::max_upstreams)
    out.resize(config::max_upstreams);
  return out;
}

std::shared_ptr<upstream_state> make_upstream(const forward_group& group, const config::upstream_source& source,
                                              const net::socket_address& to) {
  auto made = std::make_shared<upstream_state>();
  made->text = to.to_text();
  made->actor = group.named("upstream/" + made->text);
  auto& link = made->link;
  link.to = to;
  link.read_timeout = group.options.read_timeout;
  link.expire = group.options.expire;
  link.max_age = group.options.max_age;
  link.max_idle_connections = group.options.max_idle_connections;
  link.edns = std::make_shared<net::upstream_edns>();
  if (!group.options.source_address.empty())
    link.from = net::socket_address::from_text(group.options.source_address, 0);
  if (source.tls) {
    link.opener = group.tls->connector(group.options, source);
    link.streams_only = true;
    link.handshake_timeout = handshake_timeout;
    link.side_by_side = tls_side_by_side;
  }
  return made;
}

std::unique_ptr<forward_tls> tls_of(const config::forward_options& options) {
  const bool any = std::any_of(options.to.begin(), options.to.end(), [](auto& source) { return source.tls; });
  return any ? std::make_unique<forward_tls>(options) : nullptr;
}

} // namespace

forward_group::forward_group(const config::forward_options& its_options, std::string name_prefix, size_t loops,
                             proxy_metrics& its_counts)
  : identity(its_options.identity()), prefix(std::move(name_prefix)), options(its_options), counts(its_counts),
    tls(tls_of(its_options)) {
  for (size_t i = 0; i < loops; ++i)
    on_loop.push_back(std::make_unique<forward_on_loop>(*this));
  set_upstreams(resolve_upstreams(*this, {}));
}

upstream_list resolve_upstreams(const forward_group& group, const upstream_list& known) {
  upstream_list out;
  for (auto& source : addresses_of(group.options)) {
    const auto& address = source.address;
    const auto to = net::socket_address::from_text(address.host, address.port);
    if (!to) {
      log::warning("plugin/forward: '{}' is not an address, or of an interface that is not there", address.text());
      continue;
    }
    const std::string text = to->to_text();
    const auto same = [&](auto& other) { return other->text == text; };
    if (std::any_of(out.begin(), out.end(), same))
      continue;
    const auto found = std::find_if(known.begin(), known.end(), same);
    out.push_back(found != known.end() ? *found : make_upstream(group, source, *to));
  }
  return out;
}

} // namespace troupe
