// SPDX-License-Identifier: Apache-2.0
#include "config/directives/upstreams.hpp"

#include "config/dispenser.hpp"
#include "config/path.hpp"
#include "config/setup.hpp"
#include "config/zone_key.hpp"
#include "net/dns/name.hpp"

#include <algorithm>
#include <set>

namespace troupe::config {

namespace {

constexpr uint16_t dns_port = 53, dns_over_tls_port = 853;

/// fe80::/10 (RFC 4291 section 2.5.6), in its shortest form.
bool is_link_local(std::string_view address) noexcept {
  return address.size() > 4 && address.starts_with("fe") && std::string_view{"89ab"}.find(address[2]) != address.npos &&
         address[4] == ':';
}

/// A numeric address in its shortest form. `%zone` means something for link-local addresses only; CoreDNS drops it
/// always.
std::optional<std::string> numeric_upstream(std::string_view host) {
  const size_t percent = host.rfind('%');
  const auto bare = host.substr(0, percent);
  auto address = bare.find('%') == bare.npos ? normal_address(bare) : std::nullopt;
  if (address && percent != host.npos && percent + 1 < host.size() && is_link_local(*address))
    *address += host.substr(percent);
  return address;
}

std::string_view without_brackets(std::string_view text) {
  const size_t first = text.find_first_not_of("[]"), last = text.find_last_not_of("[]");
  return first == text.npos ? std::string_view{} : text.substr(first, last + 1 - first);
}

/// An upstream as it is written, without its scheme.
struct written_upstream {
  std::string text;        ///< without the name
  bool tls = false;        ///< tls://
  std::string server_name; ///< what stands behind the last `%`, of TLS alone
};

/// `1.1.1.1%name:853` and `[::1%name]:853`: the name stands before the port.
written_upstream tls_upstream(std::string_view text) {
  const size_t percent = text.rfind('%');
  if (percent == text.npos)
    return {std::string{text}, true, {}};
  std::string front{text.substr(0, percent)};
  if (front.starts_with('['))
    front += ']';
  auto name = text.substr(percent + 1);
  if (const size_t colon = name.rfind(':'); colon != name.npos) {
    front += name.substr(colon);
    name = name.substr(0, colon);
  }
  if (name.ends_with(']'))
    name.remove_suffix(1);
  return {std::move(front), true, std::string{name}};
}

class upstream_reader {
public:
  explicit upstream_reader(const upstream_words& from) : at_(from.at), env_(from.env), from_(from) {}

  failure add(const std::string& word) {
    std::string_view rest = word;
    const std::string_view transport = take_scheme(rest);
    if (transport == "https")
      return not_yet_at(at_, "upstream '" + word + "' of 'forward'");
    if (transport != "dns" && transport != "tls")
      return error_at(at_, "'" + std::string{transport} +
                             "' is not supported as a destination protocol in forward: " + word);
    if (rest.empty())
      return error_at(at_, "invalid address: " + quote(word));
    return transport == "tls" ? add(tls_upstream(rest), word) : add({std::string{rest}, false, {}}, word);
  }

  std::variant<std::vector<upstream_source>, parse_error> end() {
    if (addresses_ == 0)
      return error_at(at_, "no valid upstream addresses found");
    return std::move(found_);
  }

private:
  failure add(const written_upstream& from, const std::string& word) {
    const std::string& text = from.text;
    const auto parsed = parse_host_port(text, port_names_of(env_, from.tls ? "tcp" : "udp"));
    const auto* whole = std::get_if<host_port>(&parsed);
    const auto host = whole ? whole->host : std::string{without_brackets(text)};
    const uint16_t port = whole ? whole->port : from.tls ? dns_over_tls_port : dns_port;
    if (auto address = numeric_upstream(host)) {
      if (port == 0)
        return error_at(at_, text + ": nobody can be asked at port 0; write the port behind the colon, or neither");
      keep({{std::move(*address), port}, {}, from.tls, from.server_name}, 1);
      return std::nullopt;
    }
    if (!whole && numeric_upstream(without_brackets(std::string_view{text}.substr(0, text.rfind(':')))))
      return error_at(at_, std::get<std::string>(parsed)); // an address with a port that is none
    return add_file(from, {host, port}, word);
  }

  failure add_file(const written_upstream& from, const host_port& as_host, const std::string& word) {
    const std::string& text = from.text;
    const auto path = path_beside(text, at_.file);
    const auto content = env_.read(path);
    if (const auto* good = std::get_if<std::string>(&content)) {
      if (from.tls)
        from_.warnings.push_back("plugin/forward: " + word + ": the servers of a file are asked without TLS");
      keep({{}, path, false, {}}, read_nameservers(*good).size());
      return std::nullopt;
    }
    if (text.find('/') != text.npos)
      return error_at(at_, "not an IP address or file " + quote(text) + ": open " + path + ": " +
                             std::get<environment::unreadable>(content).reason);
    if (as_host.host.empty() || !dns::name::from_text(as_host.host))
      return error_at(at_, "not an IP address, file, or valid domain: " + quote(word));
    return add_host(from, as_host);
  }

  failure add_host(const written_upstream& from, const host_port& where) {
    std::variant<std::vector<std::string>, std::string> known = "nobody can be asked";
    if (env_.addresses)
      known = env_.addresses(where.host, from_.resolvers);
    if (const auto* wrong = std::get_if<std::string>(&known))
      return error_at(at_, "failed to resolve " + quote(where.host) + ": " + *wrong);
    for (const auto& text : std::get<std::vector<std::string>>(known))
      if (auto address = numeric_upstream(text))
        keep({{std::move(*address), where.port}, {}, from.tls, from.server_name}, 1);
    return std::nullopt;
  }

  /// An address counts once, with TLS or without: as it was named first.
  void keep(upstream_source source, size_t addresses) {
    addresses_ += addresses;
    if (seen_.insert(source.file.empty() ? source.address.text() : source.file).second)
      found_.push_back(std::move(source));
  }

  const place& at_;
  const environment& env_;
  const upstream_words& from_;
  std::vector<upstream_source> found_;
  std::set<std::string> seen_; // an address has a port behind its last colon, a path begins with a slash
  size_t addresses_ = 0;
};

} // namespace

std::variant<std::vector<upstream_source>, parse_error> read_upstreams(const upstream_words& from) {
  if (from.words.size() > max_upstreams)
    return error_at(from.at, "more than " + std::to_string(max_upstreams) +
                               " TOs configured: " + std::to_string(from.words.size()));
  upstream_reader all{from};
  for (const auto& word : from.words) {
    if (auto bad = all.add(word))
      return *bad;
  }
  return all.end();
}

std::vector<host_port> read_nameservers(std::string_view text) {
  constexpr std::string_view space = " \t\r\v\f";
  std::vector<host_port> found;
  while (!text.empty() && found.size() < max_upstreams) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
    const auto word = line.substr(0, line.find_first_of(space));
    line.remove_prefix(word.size());
    line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
    auto address = word == "nameserver" ? numeric_upstream(line.substr(0, line.find_first_of(space))) : std::nullopt;
    const host_port server{address.value_or(""), dns_port};
    if (address && std::find(found.begin(), found.end(), server) == found.end())
      found.push_back(server);
  }
  return found;
}

} // namespace troupe::config
