// SPDX-License-Identifier: Apache-2.0
#include "net/dns/record.hpp"

#include "net/dns/wire.hpp"

#include <array>
#include <cstring>
#include <string_view>

namespace troupe::dns {

namespace {

struct type_layout {
  uint16_t type = 0;
  bool in_only = false; ///< defined for class IN alone
  const char* layout = "*";
};

// RFC 1035, 1183, 1348, 2163, 2230, 2535, 2782, 2915, 3596, 6672, 7208.
constexpr type_layout layouts[] = {
  {1, true, "4"},        {2, false, "n"},   {3, false, "n"},    {4, false, "n"},          {5, false, "n"},
  {6, false, "nn44444"}, {7, false, "n"},   {8, false, "n"},    {9, false, "n"},          {12, false, "n"},
  {13, false, "ss"},     {14, false, "nn"}, {15, false, "2n"},  {16, false, "S"},         {17, false, "uu"},
  {18, false, "2u"},     {19, false, "s"},  {21, false, "2u"},  {24, false, "2114442u*"}, {26, true, "2uu"},
  {28, true, "6"},       {30, false, "u*"}, {33, true, "222u"}, {35, true, "22sssu"},     {36, true, "2u"},
  {39, false, "u"},      {99, false, "S"},
};

constexpr auto by_type = [] {
  std::array<type_layout, 100> out{};
  for (auto& each : layouts)
    out[each.type] = each;
  return out;
}();

bool is_name(field what) noexcept {
  return what == field::name || what == field::whole_name;
}

/// Length of a field in wire form, names excepted; nothing if it does not fit.
std::optional<size_t> field_octets(std::span<const uint8_t> data, field what) noexcept {
  size_t octets = 0;
  switch (what) {
  case field::octet:
    octets = 1;
    break;
  case field::word:
    octets = 2;
    break;
  case field::quad:
    octets = 4;
    break;
  case field::address6:
    octets = 16;
    break;
  case field::name:
  case field::whole_name:
    octets = name_length(data);
    if (octets == 0)
      return std::nullopt;
    break;
  case field::string:
    octets = data.empty() ? 1 : size_t{1} + data[0];
    break;
  case field::strings:
    do {
      if (octets >= data.size())
        return std::nullopt;
      octets += size_t{1} + data[octets];
    } while (octets != data.size());
    break;
  case field::rest:
    octets = data.size();
  }
  if (octets > data.size())
    return std::nullopt;
  return octets;
}

size_t count_names(std::string_view layout) noexcept {
  size_t names = 0;
  for (const char f : layout)
    names += is_name(field{f});
  return names;
}

/// True if data without names is what the layout says, to the last octet.
bool fits(std::span<const uint8_t> data, std::string_view layout) noexcept {
  for (const char f : layout)
    if (!take_field(data, field{f}))
      return false;
  return data.empty();
}

} // namespace

const char* data_layout(uint16_t type, uint16_t rrclass) noexcept {
  // Classes NONE and ANY are those of UPDATE, whose records have no data.
  const bool in = rrclass == static_cast<uint16_t>(rrclass::in);
  const bool known =
    in || rrclass == static_cast<uint16_t>(rrclass::ch) || rrclass == static_cast<uint16_t>(rrclass::hs);
  if (!known || type >= by_type.size() || (by_type[type].in_only && !in))
    return "*";
  return by_type[type].layout;
}

std::optional<std::span<const uint8_t>> take_field(std::span<const uint8_t>& data, field what) noexcept {
  const auto octets = field_octets(data, what);
  if (!octets)
    return std::nullopt;
  const auto taken = data.first(*octets);
  data = data.subspan(*octets);
  return taken;
}

std::optional<size_t> read_data(std::span<const uint8_t> message, size_t begin, size_t end, record_view& out,
                                octet_blocks& blocks) {
  const std::string_view layout = data_layout(out.type, out.rrclass);
  // A name in the data may point anywhere before it, but must not run on behind the data.
  const auto readable = message.first(end);
  const size_t names = count_names(layout);
  if (names == 0) {
    out.data = readable.subspan(begin);
    return fits(out.data, layout) ? std::optional{names} : std::nullopt;
  }
  size_t labels = 0, size = 0;
  uint8_t* const whole = blocks.room(end - begin + names * max_name_octets);
  for (const char f : layout) {
    if (is_name(field{f})) {
      const auto read = read_name(readable, begin, whole + size);
      if (read.behind == 0)
        return std::nullopt;
      labels += read.labels;
      size += read.size;
      begin = read.behind;
      continue;
    }
    auto left = readable.subspan(begin);
    const auto taken = take_field(left, field{f});
    if (!taken)
      return std::nullopt;
    if (!taken->empty())
      std::memcpy(whole + size, taken->data(), taken->size());
    size += taken->size();
    begin += taken->size();
  }
  out.data = blocks.keep(size);
  return begin == end && size <= 0xffff ? std::optional{labels} : std::nullopt;
}

} // namespace troupe::dns
