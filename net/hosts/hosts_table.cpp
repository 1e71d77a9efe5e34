// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/hosts_table.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <numeric>

namespace troupe::hosts {

namespace {

constexpr std::string_view blanks = " \t\v\f\r";

/// Takes the first word off `line`; empty at its end.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

std::optional<host_address> address_from(std::string_view word) {
  const std::string text{word.substr(0, word.find('%'))};
  host_address out;
  out.v6 = text.find(':') != text.npos;
  if (::inet_pton(out.v6 ? AF_INET6 : AF_INET, text.c_str(), out.octets.data()) != 1)
    return std::nullopt;
  static constexpr std::array<uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!out.v6 || !std::equal(mapped.begin(), mapped.end(), out.octets.begin()))
    return out;
  host_address v4;
  std::copy_n(out.octets.begin() + mapped.size(), 4, v4.octets.begin());
  return v4;
}

} // namespace

hosts_table::hosts_table(std::string_view text, const std::function<bool(dns::name_view)>& wanted) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.size() >= max_line_octets || names_.size() > UINT32_MAX - max_line_octets)
      break;
    take_line(line.substr(0, line.find('#')), wanted);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  by_address_.resize(entries_.size());
  std::iota(by_address_.begin(), by_address_.end(), 0);
  // Both by way of where they stood in the file, since entries_ are about to move.
  std::vector<uint32_t> order = by_address_;
  std::ranges::stable_sort(order, [this](uint32_t a, uint32_t b) {
    const entry &x = entries_[a], &y = entries_[b];
    const auto names = std::lexicographical_compare_three_way(name_of(x).begin(), name_of(x).end(), name_of(y).begin(),
                                                              name_of(y).end());
    return names != 0 ? names < 0 : x.address.v6 < y.address.v6;
  });
  std::ranges::stable_sort(by_address_, {}, [this](uint32_t at) { return entries_[at].address; });
  std::vector<uint32_t> place(order.size());
  std::vector<entry> sorted;
  sorted.reserve(order.size());
  for (const uint32_t at : order) {
    place[at] = static_cast<uint32_t>(sorted.size());
    sorted.push_back(entries_[at]);
  }
  entries_ = std::move(sorted);
  for (uint32_t& at : by_address_)
    at = place[at];
  std::erase_if(by_address_, [this](uint32_t at) { return is_wildcard(entries_[at]); });
  names_.shrink_to_fit();
}

void hosts_table::take_line(std::string_view line, const std::function<bool(dns::name_view)>& wanted) {
  const auto address = address_from(next_word(line));
  if (!address)
    return;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    const auto name = dns::name::from_text(word);
    if (!name)
      continue;
    const dns::name lowered = name->lowered();
    if (!wanted(lowered.wire()))
      continue;
    entries_.push_back({static_cast<uint32_t>(names_.size()), static_cast<uint8_t>(lowered.size()), *address});
    names_.insert(names_.end(), lowered.wire().begin(), lowered.wire().end());
  }
}

std::span<const hosts_table::entry> hosts_table::of_name(dns::name_view lowered, bool v6) const noexcept {
  const auto before = [&](const entry& e, bool or_same) {
    const dns::name_view name = name_of(e);
    const auto order = std::lexicographical_compare_three_way(name.begin(), name.end(), lowered.begin(), lowered.end());
    if (order != 0)
      return order < 0;
    return or_same ? e.address.v6 <= v6 : e.address.v6 < v6;
  };
  const auto first = std::ranges::partition_point(entries_, [&](const entry& e) { return before(e, false); });
  const auto last = std::partition_point(first, entries_.end(), [&](const entry& e) { return before(e, true); });
  return {first, last};
}

std::span<const uint32_t> hosts_table::of_address(const host_address& address) const noexcept {
  const auto of = [this](uint32_t at) { return entries_[at].address; };
  const auto first =
    std::partition_point(by_address_.begin(), by_address_.end(), [&](uint32_t at) { return of(at) < address; });
  const auto last = std::partition_point(first, by_address_.end(), [&](uint32_t at) { return of(at) == address; });
  return {first, last};
}

} // namespace troupe::hosts
