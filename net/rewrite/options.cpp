// SPDX-License-Identifier: Apache-2.0
#include "net/rewrite/options.hpp"

#include <algorithm>

namespace troupe::rewrite {

namespace {

constexpr size_t option_header_octets = 4;

uint16_t word_at(const uint8_t* p) noexcept {
  return static_cast<uint16_t>(p[0] << 8 | p[1]);
}

std::vector<uint8_t> word(uint16_t value) {
  return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

std::vector<uint8_t> octets(std::string_view text) {
  return {text.begin(), text.end()};
}

/// Family, source prefix length, scope 0, as many octets as the prefix needs (RFC 7871 section 6).
std::vector<uint8_t> subnet_data(const option_rule& rule, std::span<const uint8_t> address) {
  const bool v4 = address.size() == 4;
  const size_t bits = v4 ? rule.v4_bits : rule.v6_bits, size = (bits + 7) / 8;
  if (address.empty() || size > address.size())
    return {};
  std::vector<uint8_t> out{0, static_cast<uint8_t>(v4 ? 1 : 2), static_cast<uint8_t>(bits), 0};
  out.insert(out.end(), address.begin(), address.begin() + static_cast<std::ptrdiff_t>(size));
  if (bits % 8 != 0)
    out.back() &= static_cast<uint8_t>(0xff00 >> bits % 8);
  return out;
}

/// Nothing: there is nothing to say.
std::optional<std::vector<uint8_t>> data_of(const option_rule& rule, const dns::query& question, const asker& who) {
  const auto address = [](std::span<const uint8_t> from) {
    return from.empty() ? std::nullopt : std::optional{std::vector<uint8_t>(from.begin(), from.end())};
  };
  switch (rule.source) {
  case option_source::data:
    return rule.data;
  case option_source::qname:
    return octets(dns::to_text(question.name_as_sent()));
  case option_source::qtype:
    return word(question.qtype);
  case option_source::client_ip:
    return address(who.client);
  case option_source::client_port:
    return word(who.client_port);
  case option_source::protocol:
    return octets(who.by == dns::protocol::tcp ? "tcp" : "udp");
  case option_source::server_ip: // in the client's family
    return who.server.size() == who.client.size() ? address(who.server) : std::nullopt;
  case option_source::server_port:
    return word(who.server_port);
  case option_source::subnet: {
    auto made = subnet_data(rule, who.client);
    return made.empty() ? std::nullopt : std::optional{std::move(made)};
  }
  case option_source::metadata: {
    const std::string said = who.label ? who.label(rule.label) : std::string{};
    return said.empty() ? std::nullopt : std::optional{octets(said)};
  }
  }
  return std::nullopt;
}

} // namespace

bool option_list::apply(const option_rule& rule, const dns::query& question, const asker& who) {
  if (rule.action == option_action::unset) {
    remove(rule.code);
    unset_.push_back(rule.code);
    return true;
  }
  const auto data = data_of(rule, question, who);
  if (!data)
    return false;
  const bool there = has(rule.code);
  if (rule.action == option_action::append) {
    // Twice only what is always the same, as in CoreDNS.
    return (!there || rule.source == option_source::data) && add(rule.code, *data);
  }
  if (rule.action == option_action::replace && !there)
    return false;
  remove(rule.code);
  return add(rule.code, *data);
}

bool option_list::has(uint16_t code) const noexcept {
  const bool unset = std::ranges::find(unset_, code) != unset_.end();
  return has_own(code) || (!unset && asked_.sent(code));
}

bool option_list::has_own(uint16_t code) const noexcept {
  for (size_t at = 0; at < octets_.size(); at += option_header_octets + word_at(&octets_[at + 2]))
    if (word_at(&octets_[at]) == code)
      return true;
  return false;
}

void option_list::remove(uint16_t code) {
  for (size_t at = 0; at < octets_.size();) {
    const size_t end = at + option_header_octets + word_at(&octets_[at + 2]);
    if (word_at(&octets_[at]) == code)
      octets_.erase(octets_.begin() + static_cast<std::ptrdiff_t>(at),
                    octets_.begin() + static_cast<std::ptrdiff_t>(end));
    else
      at = end;
  }
}

bool option_list::add(uint16_t code, std::span<const uint8_t> data) {
  if (octets_.size() + option_header_octets + data.size() > dns::max_upstream_option_octets)
    return false;
  for (const uint16_t each : {code, static_cast<uint16_t>(data.size())}) {
    octets_.push_back(static_cast<uint8_t>(each >> 8));
    octets_.push_back(static_cast<uint8_t>(each));
  }
  octets_.insert(octets_.end(), data.begin(), data.end());
  return true;
}

} // namespace troupe::rewrite
