// SPDX-License-Identifier: Apache-2.0
#include "net/kube/check_parts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace troupe::kube {

namespace {

constexpr size_t max_label = 63;
constexpr size_t max_subdomain = 253;
/// A pod's name becomes a label (`endpoint_pod_names`); CoreDNS drops longer ones as well.
constexpr size_t max_pod_name = 63;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string lowered_protocol(const std::string& text) {
  if (text.empty())
    return "tcp";
  std::string result = text;
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return result;
}

std::optional<unusable> check_cluster_ips(const raw_service& raw, service& out) {
  auto& texts = raw.cluster_ips;
  if (texts.size() > max_items)
    return unusable{"too many clusterIPs"};
  const std::vector<std::string> one{raw.cluster_ip};
  for (auto& text : texts.empty() ? one : texts) {
    if (text == "None") {
      out.type = service::kind::headless;
      out.cluster_ips.clear();
      return std::nullopt;
    }
    auto ip = address::from_text(text);
    if (!ip)
      return unusable{fmt::format("clusterIP {} is not an address", quote(text))};
    out.cluster_ips.push_back(*ip);
  }
  return std::nullopt;
}

/// What the outside knows a service by. One that cannot be used costs the service only itself.
void take_external(raw_service& raw, service& out, std::string* note) {
  auto add = [&](const std::string& text) {
    if (auto ip = address::from_text(text))
      out.external_ips.push_back(*ip);
    else if (note)
      add_note(*note, fmt::format("external IP {} is not an address", quote(text)));
  };
  for (size_t i = 0; i < raw.external_ips.size() && i < max_items; ++i)
    add(raw.external_ips[i]);
  for (size_t i = 0; i < raw.load_balancer.size() && i < max_items; ++i) {
    auto& from = raw.load_balancer[i];
    if (!from.ip.empty())
      add(from.ip);
    else if (is_target(from.hostname))
      out.ingress_hostnames.push_back(std::move(from.hostname));
    else if (note && !from.hostname.empty())
      add_note(*note, fmt::format("load balancer {} is not a name", quote(from.hostname)));
  }
}

/// The value of a label in lower case, as names are asked for; nothing if it is none.
std::string lowered_zone(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, max_label + 1))
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const bool good = out.size() <= max_label && std::all_of(out.begin(), out.end(), [](char c) {
                      return is_alnum(c) || c == '-' || c == '_' || c == '.';
                    });
  return good ? out : std::string{};
}

/// An endpoint that cannot be used costs its slice only itself.
std::optional<endpoint> check_endpoint(raw_endpoint&& raw, const std::string& address_type, std::string& note) {
  endpoint out;
  out.ready = raw.ready.value_or(true);
  if (!out.ready)
    return std::nullopt;
  if (address_type == "FQDN") {
    if (raw.addresses.empty() || !is_target(raw.addresses.front())) {
      add_note(note, fmt::format("endpoint {} is not a name",
                                 quote(raw.addresses.empty() ? std::string{} : raw.addresses.front())));
      return std::nullopt;
    }
    out.fqdn = raw.addresses.front();
  } else {
    for (auto& text : raw.addresses)
      if (auto ip = address::from_text(text))
        out.addresses.push_back(*ip);
      else
        add_note(note, fmt::format("endpoint {} is not an address", quote(text)));
    if (out.addresses.empty())
      return std::nullopt;
  }
  if (is_label(raw.hostname))
    out.hostname = std::move(raw.hostname);
  else if (!raw.hostname.empty())
    add_note(note, fmt::format("hostname {} is not a DNS label in lower case", quote(raw.hostname)));
  if ((raw.target_kind.empty() || raw.target_kind == "Pod") && raw.target_name.size() <= max_pod_name &&
      is_subdomain(raw.target_name))
    out.pod = std::move(raw.target_name);
  out.zone = lowered_zone(raw.zone);
  return out;
}

} // namespace

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= max_label && is_alnum(text.front()) && is_alnum(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  if (text.empty() || text.size() > max_subdomain)
    return false;
  for (size_t begin = 0;;) {
    size_t end = text.find('.', begin);
    if (!is_label(text.substr(begin, end == text.npos ? text.npos : end - begin)))
      return false;
    if (end == text.npos)
      return true;
    begin = end + 1;
  }
}

std::optional<unusable> check_meta(const raw_meta& meta, bool name_is_label) {
  if (!is_label(meta.namespace_))
    return unusable{fmt::format("namespace {} is not a DNS label in lower case", quote(meta.namespace_))};
  if (name_is_label ? !is_label(meta.name) : !is_subdomain(meta.name))
    return unusable{
      fmt::format("name {} is not a DNS {} in lower case", quote(meta.name), name_is_label ? "label" : "subdomain")};
  return std::nullopt;
}

std::optional<unusable> check_ports(const std::vector<raw_port>& raw, std::vector<port>& out) {
  if (raw.size() > max_items)
    return unusable{fmt::format("{} ports are more than {}", raw.size(), max_items)};
  for (auto& from : raw) {
    if (from.number && (*from.number < 1 || *from.number > 65535))
      return unusable{fmt::format("port {} is not in 1 to 65535", *from.number)};
    port to{from.name, lowered_protocol(from.protocol), static_cast<uint16_t>(from.number.value_or(0))};
    if (!to.name.empty() && !is_label(to.name))
      return unusable{fmt::format("port name {} is not a DNS label in lower case", quote(to.name))};
    if (!is_label(to.protocol))
      return unusable{fmt::format("port protocol {} is not one", quote(from.protocol))};
    out.push_back(std::move(to));
  }
  return std::nullopt;
}

bool is_target(std::string_view text) {
  if (!text.empty() && text.back() == '.')
    text.remove_suffix(1);
  if (text.empty() || text.size() > max_subdomain)
    return false;
  size_t label = 0;
  for (char c : text) {
    if (c == '.' ? label == 0 : ++label > max_label)
      return false;
    if (c == '.')
      label = 0;
    else if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 127 || c == '\\')
      return false;
  }
  return label > 0;
}

void add_note(std::string& note, std::string more) {
  if (note.empty())
    note = std::move(more);
}

std::variant<service, unusable> check(raw_service&& raw, std::string* note) {
  if (auto bad = check_meta(raw.meta, true))
    return *bad;
  service out;
  if (auto bad = check_ports(raw.ports, out.ports))
    return *bad;
  if (raw.type == "ExternalName") {
    out.type = service::kind::external_name;
    if (!is_target(raw.external_name))
      return unusable{fmt::format("externalName {} is not a name", quote(raw.external_name))};
    out.external_name = std::move(raw.external_name);
  } else if (auto bad = check_cluster_ips(raw, out)) {
    return *bad;
  }
  take_external(raw, out, note);
  take_names(raw.meta, out);
  return out;
}

std::variant<endpoint_slice, unusable> check(raw_slice&& raw, std::string* note) {
  if (auto bad = check_meta(raw.meta, false))
    return *bad;
  endpoint_slice out;
  if (!is_label(raw.service) && (raw.imported.empty() || !raw.service.empty()))
    return unusable{
      fmt::format("label kubernetes.io/service-name {} is not a DNS label in lower case", quote(raw.service))};
  for (auto* label : {&raw.imported, &raw.source_cluster})
    if (!label->empty() && !is_label(*label))
      return unusable{
        fmt::format("label of multicluster.kubernetes.io {} is not a DNS label in lower case", quote(*label))};
  if (raw.address_type != "IPv4" && raw.address_type != "IPv6" && raw.address_type != "FQDN")
    return unusable{fmt::format("addressType {} is not IPv4, IPv6 or FQDN", quote(raw.address_type))};
  if (auto bad = check_ports(raw.ports, out.ports))
    return *bad;
  if (raw.endpoints.size() > max_items)
    return unusable{fmt::format("{} endpoints are more than {}", raw.endpoints.size(), max_items)};
  std::string notes;
  out.endpoints.reserve(raw.endpoints.size());
  for (auto& from : raw.endpoints)
    if (auto to = check_endpoint(std::move(from), raw.address_type, notes))
      out.endpoints.push_back(std::move(*to));
  if (auto trigger = parse_timestamp(raw.last_change_trigger))
    out.last_change_trigger = *trigger;
  else if (!raw.last_change_trigger.empty())
    add_note(notes, fmt::format("last-change-trigger-time {} is no time (RFC 3339): DNS programming latency "
                                "cannot be calculated",
                                quote(raw.last_change_trigger)));
  if (note)
    *note = std::move(notes);
  take_names(raw.meta, out);
  out.service = std::move(raw.service);
  out.imported = std::move(raw.imported);
  out.source_cluster = std::move(raw.source_cluster);
  return out;
}

std::variant<namespace_object, unusable> check_namespace(raw_meta&& raw) {
  if (!is_label(raw.name))
    return unusable{fmt::format("name {} is not a DNS label in lower case", quote(raw.name))};
  return namespace_object{std::move(raw.name), std::move(raw.uid)};
}

std::string quote(std::string_view text, size_t max_octets) {
  std::string result = "'";
  for (char c : text.substr(0, max_octets))
    if (c >= ' ' && c < 127)
      result += c;
    else
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return result + (text.size() > max_octets ? "…'" : "'");
}

} // namespace troupe::kube
