// SPDX-License-Identifier: Apache-2.0
#include "config/directives/forward_words.hpp"

#include "config/directives/root.hpp"
#include "config/directives/values.hpp"
#include "config/duration.hpp"
#include "config/zone_key.hpp"
#include "net/dns/text.hpp"

#include <algorithm>
#include <limits>

namespace troupe::config {

namespace {

using nanoseconds = std::chrono::nanoseconds;

failure except(forward_words& w) {
  const auto args = w.in.arguments();
  if (args.empty())
    return w.in.argument_error();
  const auto zones = named_zones(args);
  w.except.insert(w.except.end(), zones.begin(), zones.end());
  return std::nullopt;
}

template <bool forward_options::*option>
failure flag(forward_words& w) {
  if (w.in.argument())
    return w.in.argument_error();
  w.out.*option = true;
  return std::nullopt;
}

failure max_fails(forward_words& w) {
  const auto word = w.in.argument();
  return word ? read_unsigned(w.in, *word, w.out.max_fails) : w.in.argument_error();
}

failure max_connect_attempts(forward_words& w) {
  const auto word = w.in.argument();
  return word ? read_unsigned(w.in, *word, w.out.max_connect_attempts.emplace()) : w.in.argument_error();
}

/// How many there may be of something; 0: as many as come.
template <unsigned forward_options::*option>
failure bound(forward_words& w) {
  const std::string name = w.in.word();
  const auto word = w.in.argument();
  long long value = 0;
  if (!word)
    return w.in.argument_error();
  if (auto bad = read_integer(w.in, *word, value))
    return bad;
  if (value < 0)
    return w.in.error(name + " can't be negative: " + std::to_string(value));
  w.out.*option = static_cast<unsigned>(std::min<long long>(value, std::numeric_limits<unsigned>::max()));
  return std::nullopt;
}

failure duration(forward_words& w, nanoseconds& out) {
  const auto word = w.in.argument();
  return word ? read_duration(w.in, *word, out) : w.in.argument_error();
}

template <nanoseconds forward_options::*option>
failure age(forward_words& w) {
  const std::string name = w.in.word();
  if (auto bad = duration(w, w.out.*option))
    return bad;
  if ((w.out.*option).count() < 0)
    return w.in.error(name + " can't be negative: " + duration_text(w.out.*option));
  return std::nullopt;
}

failure read_timeout(forward_words& w) {
  if (auto bad = duration(w, w.out.read_timeout))
    return bad;
  if (w.out.read_timeout.count() <= 0)
    return w.in.error("read_timeout must be positive: " + duration_text(w.out.read_timeout));
  return std::nullopt;
}

failure policy(forward_words& w) {
  const auto word = w.in.argument();
  if (!word)
    return w.in.argument_error();
  if (*word == "random")
    w.out.policy = upstream_policy::random;
  else if (*word == "round_robin")
    w.out.policy = upstream_policy::round_robin;
  else if (*word == "sequential")
    w.out.policy = upstream_policy::sequential;
  else if (*word == "fastest")
    w.out.policy = upstream_policy::fastest;
  else
    return w.in.error("unknown policy '" + *word + "'");
  return std::nullopt;
}

failure health_check(forward_words& w) {
  if (auto bad = duration(w, w.out.health_check))
    return bad;
  if (w.out.health_check.count() < 0)
    return w.in.error("health_check can't be negative: " + std::to_string(w.out.health_check.count()));
  w.out.probe_domain = {};
  while (auto word = w.in.argument()) {
    if (*word == "no_rec") {
      w.out.probe_recursion = false;
      continue;
    }
    if (*word != "domain")
      return w.in.error("health_check: unknown option " + *word);
    const auto text = w.in.argument();
    if (!text)
      return w.in.argument_error();
    const auto domain = dns::name::from_text(*text);
    if (text->empty() || !domain)
      return w.in.error("health_check: invalid domain name " + *text);
    w.out.probe_domain = domain->lowered();
  }
  return std::nullopt;
}

std::optional<uint16_t> rcode_of(std::string word) {
  constexpr uint16_t last_known = 23; // BADCOOKIE; those between without a name have none here, too
  std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  if (word == "NOTIMPL") // Go's DNS library has a few names of its own
    return 4;
  if (word == "DSOTYPENI")
    return 11;
  if (word == "BADSIG")
    return 16;
  for (uint16_t code = 0; code <= last_known; ++code) {
    if (dns::rcode_text(code) == word && !word.starts_with("RCODE"))
      return code;
  }
  return std::nullopt;
}

template <std::vector<uint16_t> forward_options::*option>
failure rcodes(forward_words& w) {
  const bool failover = w.in.word() == "failover";
  const auto args = w.in.arguments();
  if (args.empty())
    return w.in.argument_error();
  auto& out = w.out.*option;
  for (const auto& word : args) {
    const auto code = rcode_of(word);
    if (!code)
      return w.in.error(word + " is not a valid rcode");
    if (failover && *code == 0)
      return w.in.error("NoError cannot be used in failover");
    if (std::find(out.begin(), out.end(), *code) == out.end())
      out.push_back(*code);
  }
  std::sort(out.begin(), out.end());
  return std::nullopt;
}

failure source_address(forward_words& w) {
  const auto word = w.in.argument();
  if (!word)
    return w.in.argument_error();
  const auto address = normal_address(*word);
  if (!address || word->find('%') != word->npos)
    return w.in.error("invalid IP address: " + *word);
  w.out.source_address = *address;
  return std::nullopt;
}

/// `tls`, `tls CA`, `tls CERT KEY`, `tls CERT KEY CA`
failure tls(forward_words& w) {
  auto args = w.in.arguments();
  if (args.size() > 3)
    return w.in.argument_error();
  for (auto& path : args)
    path = below_root(w.around.block, path);
  tls_files files;
  if (args.size() >= 2)
    files = {args[0], args[1], {}};
  if (args.size() % 2 == 1)
    files.authority = args.back();
  auto texts = read_tls_files(files, w.around.env);
  if (const auto* wrong = std::get_if<std::string>(&texts))
    return w.in.error(*wrong);
  w.out.tls = std::move(files);
  w.out.tls_content = std::get<tls_texts>(std::move(texts));
  return std::nullopt;
}

failure tls_servername(forward_words& w) {
  const auto word = w.in.argument();
  if (!word)
    return w.in.argument_error();
  w.out.tls_server_name = *word;
  return std::nullopt;
}

failure resolver(forward_words& w) {
  auto args = w.in.arguments();
  if (args.empty())
    return w.in.argument_error();
  for (auto& word : args) {
    const auto parsed = parse_host_port(word, port_names_of(w.around.env, "udp"));
    const auto* const both = std::get_if<host_port>(&parsed);
    const std::string& address = both ? both->host : word;
    if (!normal_address(address) || address.find('%') != address.npos)
      return w.in.error("resolver must be an IP address or IP:port: " + quote(word));
    if (both)
      word = both->text();
  }
  w.out.resolvers = std::move(args);
  return std::nullopt;
}

failure not_built(forward_words& w) {
  return w.in.not_yet("option '" + w.in.word() + "' of 'forward'");
}

using options = forward_options;

constexpr forward_property forward_properties[] = {
  {"except", except},
  {"force_tcp", flag<&options::force_tcp>},
  {"prefer_udp", flag<&options::prefer_udp>},
  {"max_fails", max_fails},
  {"max_connect_attempts", max_connect_attempts},
  {"expire", age<&options::expire>},
  {"max_age", age<&options::max_age>},
  {"max_idle_conns", bound<&options::max_idle_connections>},
  {"read_timeout", read_timeout},
  {"policy", policy},
  {"health_check", health_check},
  {"max_concurrent", bound<&options::max_concurrent>},
  {"next", rcodes<&options::next>},
  {"next_on_nodata", flag<&options::next_on_nodata>},
  {"failfast_all_unhealthy_upstreams", flag<&options::failfast_all_unhealthy>},
  {"failover", rcodes<&options::failover>},
  {"source_address", source_address},
  {"tls", tls},
  {"tls_servername", tls_servername},
  {"resolver", resolver},
  {"doh_method", not_built},
};

} // namespace

const forward_property* find_forward_property(std::string_view name) {
  const auto found = std::find_if(std::begin(forward_properties), std::end(forward_properties),
                                  [&](const forward_property& p) { return p.name == name; });
  return found == std::end(forward_properties) ? nullptr : found;
}

} // namespace troupe::config
