// SPDX-License-Identifier: Apache-2.0
#include "net/master/name_key.hpp"

namespace troupe::master {

std::optional<name_key> name_key::relative(dns::name_view name, dns::name_view apex) noexcept {
  if (name.size() < apex.size() || !dns::is_subdomain(name, apex))
    return std::nullopt;
  std::array<uint8_t, dns::max_labels> starts;
  size_t labels = 0;
  for (size_t at = 0; at < name.size() - apex.size(); at += size_t{1} + name[at])
    starts[labels++] = static_cast<uint8_t>(at);
  name_key out;
  size_t size = 0;
  for (out.labels_ = labels; labels != 0; --labels) {
    for (const uint8_t raw : name.subspan(starts[labels - 1] + size_t{1}, name[starts[labels - 1]])) {
      const uint8_t octet = raw >= 'A' && raw <= 'Z' ? static_cast<uint8_t>(raw | 0x20) : raw;
      if (octet <= 1)
        out.octets_[size++] = 1;
      out.octets_[size++] = octet <= 1 ? static_cast<uint8_t>(octet + 1) : octet;
    }
    out.octets_[size++] = 0;
    out.ends_[out.labels_ - labels + 1] = static_cast<uint16_t>(size);
  }
  return out;
}

size_t name_key::shared_labels(std::span<const uint8_t> other) const noexcept {
  size_t shared = 0;
  while (shared < labels_ && key_begins_with(other, up_to(shared + 1)))
    ++shared;
  return shared;
}

name_key name_key::wildcard(size_t labels) const noexcept {
  name_key out = *this;
  out.labels_ = labels + 1;
  const size_t end = ends_[labels];
  out.octets_[end] = '*';
  out.octets_[end + 1] = 0;
  out.ends_[labels + 1] = static_cast<uint16_t>(end + 2);
  return out;
}

dns::name name_of_key(std::span<const uint8_t> key, const dns::name& apex) noexcept {
  dns::name out = apex;
  std::array<char, dns::max_label_octets> label;
  size_t size = 0;
  for (size_t at = 0; at < key.size(); ++at) {
    if (key[at] == 0) {
      out.prepend({label.data(), size});
      size = 0;
    } else if (size < label.size()) {
      label[size++] = static_cast<char>(key[at] == 1 && at + 1 < key.size() ? key[++at] - 1 : key[at]);
    }
  }
  return out;
}

} // namespace troupe::master
