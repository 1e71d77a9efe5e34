// SPDX-License-Identifier: Apache-2.0
#include "config/directives/forward_words.hpp"
#include "config/duration.hpp"
#include "config/identity.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

namespace troupe::config {

namespace {

/// One name for all of them, or one for each: not both.
failure check_server_names(const forward_options& options) {
  for (const auto& source : options.to)
    if (!options.tls_server_name.empty() && !source.server_name.empty())
      return error_at(options.at, "both forward ('" + options.tls_server_name + "') and proxy level ('" +
                                    source.server_name + "') TLS servernames are set for upstream proxy 'tls://" +
                                    source.address.text() + "'");
  return std::nullopt;
}

} // namespace

failure parse_forward(dispenser& in, setup& s) {
  forward_options options;
  options.at = in.at();
  auto words = in.arguments();
  if (words.empty())
    return in.argument_error();
  options.from = named_zones({words.front()});
  if (options.from.empty())
    return in.error("unable to normalize '" + words.front() + "'");
  words.erase(words.begin());
  if (words.empty())
    return in.argument_error();
  std::vector<dns::name> except;
  while (in.next_property()) {
    const auto* property = find_forward_property(in.word());
    if (!property)
      return in.unknown_property();
    forward_words line{in, s, options, except};
    if (auto bad = property->read(line))
      return bad;
  }
  options.except = zone_index{except};
  if (options.max_age.count() > 0 && options.max_age < options.expire)
    return error_at(options.at, "max_age (" + duration_text(options.max_age) + ") must not be less than expire (" +
                                  duration_text(options.expire) + ")");
  auto to = read_upstreams({words, options.resolvers, options.at, s.env, s.warnings});
  if (auto* bad = std::get_if<parse_error>(&to))
    return *bad;
  options.to = std::get<std::vector<upstream_source>>(std::move(to));
  if (auto bad = check_server_names(options))
    return bad;
  s.block.forward.push_back(std::move(options));
  return std::nullopt;
}

std::string forward_options::identity() const {
  identity_text all{"forward"};
  all.add(from).add(except).add(to.size());
  for (const auto& source : to)
    all.add(source.file).add(source.file.empty() ? source.address.text() : "").add(source.tls).add(source.server_name);
  all.add(force_tcp).add(prefer_udp).add(max_fails);
  all.add(max_connect_attempts ? std::to_string(*max_connect_attempts) : "");
  all.add(expire).add(max_age).add(max_idle_connections).add(read_timeout).add(policy);
  all.add(health_check).add(probe_recursion).add(probe_domain.to_text()).add(max_concurrent);
  for (const auto* codes : {&next, &failover}) {
    all.add(codes->size());
    for (const uint16_t code : *codes)
      all.add(code);
  }
  all.add(next_on_nodata).add(failfast_all_unhealthy).add(source_address);
  all.add(tls.certificate).add(tls.key).add(tls.authority).add(tls_server_name);
  return all.text();
}

} // namespace troupe::config
