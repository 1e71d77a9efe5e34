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

constexpr uint16_t dns_port = 53;

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

class upstream_reader {
public:
  upstream_reader(const place& at, const environment& env) : at_(at), env_(env) {}

  failure add(const std::string& word) {
    std::string_view rest = word;
    const std::string_view transport = take_scheme(rest);
    if (transport == "tls" || transport == "https")
      return not_yet_at(at_, "upstream '" + word + "' of 'forward'");
    if (transport != "dns")
      return error_at(at_, "'" + std::string{transport} +
                             "' is not supported as a destination protocol in forward: " + word);
    if (rest.empty())
      return error_at(at_, "invalid address: " + quote(word));
    return add_dns(std::string{rest});
  }

  std::variant<std::vector<upstream_source>, parse_error> end() {
    if (addresses_ == 0)
      return error_at(at_, "no valid upstream addresses found");
    return std::move(found_);
  }

private:
  failure add_dns(const std::string& text) {
    const auto parsed = parse_host_port(text, port_names_of(env_, "udp"));
    const auto* whole = std::get_if<host_port>(&parsed);
    const auto host = whole ? whole->host : std::string{without_brackets(text)};
    if (auto address = numeric_upstream(host)) {
      if (whole && whole->port == 0)
        return error_at(at_, text + ": nobody can be asked at port 0; write the port behind the colon, or neither");
      keep({{std::move(*address), whole ? whole->port : dns_port}, {}}, 1);
      return std::nullopt;
    }
    if (!whole && numeric_upstream(without_brackets(std::string_view{text}.substr(0, text.rfind(':')))))
      return error_at(at_, std::get<std::string>(parsed)); // an address with a port that is none
    return add_file(host, text);
  }

  failure add_file(const std::string& host, const std::string& text) {
    const auto path = path_beside(text, at_.file);
    const auto content = env_.read(path);
    if (const auto* good = std::get_if<std::string>(&content)) {
      keep({{}, path}, read_nameservers(*good).size());
      return std::nullopt;
    }
    if (text.find('/') != text.npos)
      return error_at(at_, "not an IP address or file " + quote(text) + ": open " + path + ": " +
                             std::get<environment::unreadable>(content).reason);
    if (host.empty() || !dns::name::from_text(host))
      return error_at(at_, "not an IP address, file, or valid domain: " + quote(text));
    return not_yet_at(at_, "name '" + host + "' as an upstream of 'forward'");
  }

  void keep(upstream_source source, size_t addresses) {
    addresses_ += addresses;
    if (seen_.insert(source.file.empty() ? source.address.text() : source.file).second)
      found_.push_back(std::move(source));
  }

  const place& at_;
  const environment& env_;
  std::vector<upstream_source> found_;
  std::set<std::string> seen_; // an address has a port behind its last colon, a path begins with a slash
  size_t addresses_ = 0;
};

} // namespace

std::variant<std::vector<upstream_source>, parse_error> read_upstreams(const std::vector<std::string>& words,
                                                                       const place& at, const environment& env) {
  if (words.size() > max_upstreams)
    return error_at(at,
                    "more than " + std::to_string(max_upstreams) + " TOs configured: " + std::to_string(words.size()));
  upstream_reader all{at, env};
  for (const auto& word : words) {
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
