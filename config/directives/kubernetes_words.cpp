// SPDX-License-Identifier: Apache-2.0
#include "config/directives/kubernetes_words.hpp"

#include "config/duration.hpp"
#include "config/path.hpp"
#include "config/zone_key.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace troupe::config {

namespace {

constexpr size_t any_number = SIZE_MAX;

failure endpoint(kubernetes_words& w) {
  w.out.endpoint = w.args[0];
  return std::nullopt;
}

failure tls(kubernetes_words& w) {
  w.out.tls_cert = w.args[0], w.out.tls_key = w.args[1], w.out.tls_ca = w.args[2];
  return std::nullopt;
}

failure kubeconfig(kubernetes_words& w) {
  w.out.kubeconfig = w.args[0];
  w.out.kubeconfig_context = w.args.size() > 1 ? w.args[1] : "";
  return std::nullopt;
}

failure manifests(kubernetes_words& w) {
  for (const auto& path : w.args)
    w.out.manifests.push_back(path_beside(path, w.file));
  return std::nullopt;
}

failure namespaces(kubernetes_words& w) {
  w.out.namespaces.insert(w.out.namespaces.end(), w.args.begin(), w.args.end());
  return std::nullopt;
}

failure pods(kubernetes_words& w) {
  if (w.args[0] == "disabled")
    w.out.pods = pod_mode::disabled;
  else if (w.args[0] == "insecure")
    w.out.pods = pod_mode::insecure;
  else if (w.args[0] == "verified")
    w.out.pods = pod_mode::verified;
  else
    return w.in.error("wrong value for pods: " + w.args[0] + ",  must be one of: disabled, verified, insecure");
  return std::nullopt;
}

failure selector(kubernetes_words& w, const char* called, label_selector& out) {
  std::string text;
  for (const auto& word : w.args)
    text += (text.empty() ? "" : " ") + word;
  auto read = label_selector::parse(text);
  if (auto* problem = std::get_if<std::string>(&read))
    return w.in.error("unable to parse " + std::string{called} + " selector value: '" + text + "': " + *problem);
  out = std::get<label_selector>(std::move(read));
  return std::nullopt;
}

failure labels(kubernetes_words& w) {
  return selector(w, "label", w.out.labels);
}

failure namespace_labels(kubernetes_words& w) {
  w.out.selects_namespaces = true;
  return selector(w, "namespace_label", w.out.namespace_labels);
}

failure multicluster(kubernetes_words& w) {
  w.out.multicluster = named_zones(w.args);
  return std::nullopt;
}

failure zonal(kubernetes_words& w) {
  w.out.zonal = true;
  return std::nullopt;
}

failure endpoint_pod_names(kubernetes_words& w) {
  w.out.endpoint_pod_names = true;
  return std::nullopt;
}

failure noendpoints(kubernetes_words& w) {
  w.out.endpoints = false;
  return std::nullopt;
}

failure ttl(kubernetes_words& w) {
  auto number = parse_integer(w.args[0]);
  if (auto* problem = std::get_if<std::string>(&number))
    return w.in.error(*problem);
  const long long seconds = std::get<long long>(number);
  if (seconds < 0 || seconds > max_kubernetes_ttl)
    return w.in.error("ttl must be in range [0, 3600]: " + std::to_string(seconds));
  w.out.ttl = static_cast<uint32_t>(seconds);
  return std::nullopt;
}

failure fall_through(kubernetes_words& w) {
  w.out.fall_through = true;
  w.out.fall_through_zones = zone_index{w.args.empty() ? std::vector<dns::name>(1) : named_zones(w.args)};
  return std::nullopt;
}

failure startup_timeout(kubernetes_words& w) {
  auto duration = parse_duration(w.args[0]);
  if (auto* problem = std::get_if<std::string>(&duration))
    return w.in.error("failed to parse startup_timeout: " + w.args[0] + ", " + *problem);
  w.out.startup_timeout = std::get<std::chrono::nanoseconds>(duration);
  return std::nullopt;
}

failure apiserver_qps(kubernetes_words& w) {
  const char* text = w.args[0].c_str();
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  const auto bad = [&](const char* why) {
    return w.in.error("invalid apiserver_qps " + quote(w.args[0]) + ": strconv.ParseFloat: parsing " +
                      quote(w.args[0]) + ": " + why);
  };
  if (end == text || *end != '\0' || std::isspace(static_cast<unsigned char>(*text)))
    return bad("invalid syntax");
  const bool has_digits = std::any_of(w.args[0].begin(), w.args[0].end(), [](char c) { return c >= '0' && c <= '9'; });
  if (has_digits && std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()))
    return bad("value out of range");
  if (value < 0)
    return w.in.error("apiserver_qps must be >= 0");
  w.out.apiserver_qps = std::isfinite(value) ? value : 0; // `inf` and `nan` are no bound to CoreDNS
  return std::nullopt;
}

failure count(kubernetes_words& w, int& out) {
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

failure apiserver_burst(kubernetes_words& w) {
  return count(w, w.out.apiserver_burst);
}
failure apiserver_max_inflight(kubernetes_words& w) {
  return count(w, w.out.apiserver_max_inflight);
}

failure ignore(kubernetes_words& w) {
  if (w.args.empty())
    return std::nullopt; // CoreDNS lets it stand alone, without effect
  if (w.args[0] != "empty_service")
    return w.in.error("unable to parse ignore value: '" + w.args[0] + "'");
  w.out.ignore_empty_service = true;
  return std::nullopt;
}

constexpr kubernetes_property kubernetes_properties[] = {
  {"endpoint", 1, any_number, endpoint}, // one: the others are words of old
  {"tls", 3, 3, tls},
  {"kubeconfig", 1, 2, kubeconfig},
  {"manifests", 1, any_number, manifests},
  {"namespaces", 1, any_number, namespaces},
  {"pods", 1, 1, pods},
  {"endpoint_pod_names", 0, 0, endpoint_pod_names},
  {"noendpoints", 0, 0, noendpoints},
  {"ttl", 1, any_number, ttl}, // CoreDNS reads the first word and drops the others
  {"fallthrough", 0, any_number, fall_through},
  {"startup_timeout", 1, any_number, startup_timeout},
  {"apiserver_qps", 1, 1, apiserver_qps},
  {"apiserver_burst", 1, 1, apiserver_burst},
  {"apiserver_max_inflight", 1, 1, apiserver_max_inflight},
  {"ignore", 0, any_number, ignore},
  {"labels", 1, any_number, labels},
  {"namespace_labels", 1, any_number, namespace_labels},
  {"multicluster", 0, any_number, multicluster},
  {"zonal", 0, 0, zonal},
};

} // namespace

const kubernetes_property* find_kubernetes_property(std::string_view name) {
  for (const auto& property : kubernetes_properties) {
    if (property.name == name)
      return &property;
  }
  return nullptr;
}

} // namespace troupe::config
