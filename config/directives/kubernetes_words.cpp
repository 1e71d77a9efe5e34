// SPDX-License-Identifier: Apache-2.0
#include "config/directives/kubernetes_words.hpp"

#include "config/duration.hpp"
#include "config/path.hpp"
#include "config/zone_key.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace troupe::config {

namespace {

constexpr size_t any = SIZE_MAX;

using words = kubernetes_words;

failure endpoint(words& w) {
  w.out.endpoint = w.args[0];
  if (w.args.size() > 1)
    w.s.warnings.push_back(
      "plugin/kubernetes: Multiple endpoints have been deprecated, only the first specified endpoint '" + w.args[0] +
      "' is used");
  return std::nullopt;
}

failure tls(words& w) {
  w.out.tls_cert = w.args[0], w.out.tls_key = w.args[1], w.out.tls_ca = w.args[2];
  return std::nullopt;
}

failure kubeconfig(words& w) {
  w.out.kubeconfig = w.args[0];
  w.out.kubeconfig_context = w.args.size() > 1 ? w.args[1] : "";
  return std::nullopt;
}

failure manifests(words& w) {
  for (const auto& path : w.args)
    w.out.manifests.push_back(path_beside(path, w.file));
  return std::nullopt;
}

failure namespaces(words& w) {
  w.out.namespaces.insert(w.out.namespaces.end(), w.args.begin(), w.args.end());
  return std::nullopt;
}

failure pods(words& w) {
  if (w.args[0] == "verified")
    return w.in.not_yet("'pods verified' of 'kubernetes'");
  if (w.args[0] != "disabled" && w.args[0] != "insecure")
    return w.in.error("wrong value for pods: " + w.args[0] + ",  must be one of: disabled, verified, insecure");
  w.out.pods = w.args[0] == "insecure" ? pod_mode::insecure : pod_mode::disabled;
  return std::nullopt;
}

failure endpoint_pod_names(words& w) {
  w.out.endpoint_pod_names = true;
  return std::nullopt;
}

failure noendpoints(words& w) {
  w.out.endpoints = false;
  return std::nullopt;
}

failure ttl(words& w) {
  auto number = parse_integer(w.args[0]);
  if (auto* problem = std::get_if<std::string>(&number))
    return w.in.error(*problem);
  const long long seconds = std::get<long long>(number);
  if (seconds < 0 || seconds > max_kubernetes_ttl)
    return w.in.error("ttl must be in range [0, 3600]: " + std::to_string(seconds));
  w.out.ttl = static_cast<uint32_t>(seconds);
  return std::nullopt;
}

failure fall_through(words& w) {
  w.out.fall_through = true;
  w.out.fall_through_zones = zone_index{w.args.empty() ? std::vector<dns::name>(1) : named_zones(w.args)};
  return std::nullopt;
}

failure upstream(words& w) {
  w.out.upstream_at = w.in.at();
  if (w.args.empty())
    return std::nullopt;
  auto found = read_upstreams(w.args, w.in.at(), w.s.env);
  if (auto* bad = std::get_if<parse_error>(&found))
    return *bad;
  w.out.upstream = std::get<std::vector<upstream_source>>(std::move(found));
  return std::nullopt;
}

failure startup_timeout(words& w) {
  auto duration = parse_duration(w.args[0]);
  if (auto* problem = std::get_if<std::string>(&duration))
    return w.in.error("failed to parse startup_timeout: " + w.args[0] + ", " + *problem);
  w.out.startup_timeout = std::get<std::chrono::nanoseconds>(duration);
  return std::nullopt;
}

failure apiserver_qps(words& w) {
  const char* text = w.args[0].c_str();
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || std::isspace(static_cast<unsigned char>(*text)) || !std::isfinite(value))
    return w.in.error("invalid apiserver_qps " + quote(w.args[0]) + ": strconv.ParseFloat: parsing " +
                      quote(w.args[0]) + ": invalid syntax");
  if (value < 0)
    return w.in.error("apiserver_qps must be >= 0");
  w.out.apiserver_qps = value;
  return std::nullopt;
}

failure count(words& w, int& out) {
  auto number = parse_integer(w.args[0]);
  if (auto* problem = std::get_if<std::string>(&number))
    return w.in.error("invalid " + w.name + " " + quote(w.args[0]) + ": " + *problem);
  const long long value = std::get<long long>(number);
  if (value < 0)
    return w.in.error(w.name + " must be >= 0");
  if (value > INT32_MAX)
    return w.in.error("invalid " + w.name + " " + quote(w.args[0]) + ": value out of range");
  out = static_cast<int>(value);
  return std::nullopt;
}

failure apiserver_burst(words& w) {
  return count(w, w.out.apiserver_burst);
}
failure apiserver_max_inflight(words& w) {
  return count(w, w.out.apiserver_max_inflight);
}

failure ignore(words& w) {
  if (w.args.empty())
    return std::nullopt; // CoreDNS lets it stand alone, without effect
  if (w.args[0] != "empty_service")
    return w.in.error("unable to parse ignore value: '" + w.args[0] + "'");
  return w.in.not_yet("'ignore empty_service' of 'kubernetes'");
}

failure not_built(words& w) {
  return w.in.not_yet("option '" + w.name + "' of 'kubernetes'");
}

constexpr kubernetes_property properties[] = {
  {"endpoint", 1, any, endpoint},
  {"tls", 3, 3, tls},
  {"kubeconfig", 1, 2, kubeconfig},
  {"manifests", 1, any, manifests},
  {"namespaces", 1, any, namespaces},
  {"pods", 1, 1, pods},
  {"endpoint_pod_names", 0, 0, endpoint_pod_names},
  {"noendpoints", 0, 0, noendpoints},
  {"ttl", 1, any, ttl}, // CoreDNS reads the first word and drops the others
  {"fallthrough", 0, any, fall_through},
  {"upstream", 0, any, upstream},
  {"startup_timeout", 1, any, startup_timeout},
  {"apiserver_qps", 1, 1, apiserver_qps},
  {"apiserver_burst", 1, 1, apiserver_burst},
  {"apiserver_max_inflight", 1, 1, apiserver_max_inflight},
  {"ignore", 0, any, ignore},
  {"labels", 1, any, not_built},
  {"namespace_labels", 1, any, not_built},
  {"multicluster", 0, any, not_built},
  {"zonal", 0, 0, not_built},
};

} // namespace

const kubernetes_property* find_kubernetes_property(std::string_view name) {
  for (const auto& property : properties) {
    if (property.name == name)
      return &property;
  }
  return nullptr;
}

} // namespace troupe::config
