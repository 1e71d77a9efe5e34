// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/upstreams.hpp"

#include "actors/runtime/log.hpp"
#include "config/read_whole.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::vector<config::host_port> addresses_of(const config::forward_options& options) {
  std::vector<config::host_port> out;
  for (auto& source : options.to) {
    if (source.file.empty()) {
      out.push_back(source.address);
      continue;
    }
    const auto content = config::read_whole(source.file);
    if (auto* text = std::get_if<std::string>(&content))
      for (auto& server : config::read_nameservers(*text))
        out.push_back(server);
  }
  if (out.size() > config::max_upstreams)
    out.resize(config::max_upstreams);
  return out;
}

std::shared_ptr<upstream_state> make_upstream(const forward_group& group, const net::socket_address& to) {
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
  return made;
}

} // namespace

forward_group::forward_group(const config::forward_options& its_options, std::string name_prefix, size_t loops,
                             proxy_metrics& its_counts)
  : identity(its_options.identity()), prefix(std::move(name_prefix)), options(its_options), counts(its_counts) {
  for (size_t i = 0; i < loops; ++i)
    on_loop.push_back(std::make_unique<forward_on_loop>(*this));
  set_upstreams(resolve_upstreams(*this, {}));
}

upstream_list resolve_upstreams(const forward_group& group, const upstream_list& known) {
  upstream_list out;
  for (auto& address : addresses_of(group.options)) {
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
    out.push_back(found != known.end() ? *found : make_upstream(group, *to));
  }
  return out;
}

} // namespace troupe
