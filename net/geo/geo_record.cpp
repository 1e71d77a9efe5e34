// SPDX-License-Identifier: Apache-2.0
#include "net/geo/geo_record.hpp"

#include <charconv>
#include <cmath>
#include <utility>

namespace troupe::geo {

namespace {

using value = record_reader::value;

bool take(const value& from, std::string_view& out) noexcept {
  if (from.data.type != MMDB_DATA_TYPE_UTF8_STRING || from.data.data_size > max_label_octets)
    return false;
  out = {from.data.utf8_string, from.data.data_size};
  return true;
}

bool take(const value& from, std::optional<double>& out) noexcept {
  if (from.data.type == MMDB_DATA_TYPE_DOUBLE)
    out = from.data.double_value;
  else if (from.data.type == MMDB_DATA_TYPE_FLOAT)
    out = static_cast<double>(from.data.float_value);
  else
    return false;
  return true;
}

bool take(const value& from, bool& out) noexcept {
  if (from.data.type != MMDB_DATA_TYPE_BOOLEAN)
    return false;
  out = from.data.boolean;
  return true;
}

bool take(const value& from, uint64_t& out) noexcept {
  switch (from.data.type) {
  case MMDB_DATA_TYPE_UINT16:
    out = from.data.uint16;
    return true;
  case MMDB_DATA_TYPE_UINT32:
    out = from.data.uint32;
    return true;
  case MMDB_DATA_TYPE_UINT64:
    out = from.data.uint64;
    return true;
  case MMDB_DATA_TYPE_INT32:
    out = static_cast<uint64_t>(from.data.int32);
    return from.data.int32 >= 0;
  default:
    return false;
  }
}

/// A map of which some members are wanted: `{"city": …}`.
template <class F>
bool in_map(record_reader& from, const value& map, F&& f) {
  return from.each_member(map, f);
}

bool take_english(record_reader& from, const value& names, std::string_view& out) {
  return in_map(from, names, [&](std::string_view language, const value& name) {
    std::string_view other; // all that CoreDNS knows have to be texts
    constexpr std::string_view known[] = {"de", "es", "fr", "ja", "pt-BR", "ru", "zh-CN"};
    for (const auto each : known)
      if (language == each)
        return take(name, other);
    return language != "en" || take(name, out);
  });
}

/// Its name, and its code where `code_word` is not empty.
bool take_place(record_reader& from, const value& place, std::string_view& name, std::string_view code_word,
                std::string_view& code) {
  return in_map(from, place, [&](std::string_view key, const value& part) {
    if (key == "names")
      return take_english(from, part, name);
    return code_word.empty() || key != code_word || take(part, code);
  });
}

bool take_country(record_reader& from, const value& country, city_record& out) {
  return take_place(from, country, out.country, "iso_code", out.country_code) &&
         in_map(from, country, [&](std::string_view key, const value& part) {
           return key != "is_in_european_union" || take(part, out.in_european_union);
         });
}

bool take_location(record_reader& from, const value& location, city_record& out) {
  return in_map(from, location, [&](std::string_view key, const value& part) {
    if (key == "latitude")
      return take(part, out.latitude);
    if (key == "longitude")
      return take(part, out.longitude);
    return key != "time_zone" || take(part, out.timezone);
  });
}

bool take_subdivisions(record_reader& from, const value& list, std::string& out) {
  bool first = true;
  out.clear();
  return from.each_item(list, [&](const value& one) {
    std::string_view name, code;
    if (!take_place(from, one, name, "iso_code", code))
      return false;
    out += std::exchange(first, false) ? "" : ",";
    out += code;
    return out.size() <= max_label_octets;
  });
}

/// As Go's FormatFloat(…, 'f', -1, 64): as many digits as it takes, never an exponent.
std::string degrees(const std::optional<double>& value) {
  if (!value)
    return {};
  if (!std::isfinite(*value))
    return std::isnan(*value) ? "NaN" : *value > 0 ? "+Inf" : "-Inf";
  char text[400];
  return {text, std::to_chars(text, text + sizeof text, *value, std::chars_format::fixed).ptr};
}

} // namespace

std::optional<city_record> read_city(record_reader& from, uint32_t at) {
  city_record out;
  std::string_view none;
  value whole;
  const bool good = from.read(at, whole) && in_map(from, whole, [&](std::string_view key, const value& part) {
                      if (key == "city")
                        return take_place(from, part, out.city, {}, none);
                      if (key == "country")
                        return take_country(from, part, out);
                      if (key == "continent")
                        return take_place(from, part, out.continent, "code", out.continent_code);
                      if (key == "subdivisions")
                        return take_subdivisions(from, part, out.subdivisions);
                      if (key == "location")
                        return take_location(from, part, out);
                      return key != "postal" || take_place(from, part, none, "code", out.postal_code);
                    });
  return good ? std::optional{std::move(out)} : std::nullopt;
}

std::optional<network_record> read_network(record_reader& from, uint32_t at) {
  network_record out;
  value whole;
  const bool good = from.read(at, whole) && in_map(from, whole, [&](std::string_view key, const value& part) {
                      if (key == "autonomous_system_number")
                        return take(part, out.number);
                      return key != "autonomous_system_organization" || take(part, out.organization);
                    });
  return good ? std::optional{out} : std::nullopt;
}

std::optional<std::string> label_of(const city_record& record, std::string_view name) {
  const std::pair<std::string_view, std::string_view> texts[] = {
    {"city/name", record.city},           {"country/name", record.country},
    {"continent/name", record.continent}, {"country/code", record.country_code},
    {"timezone", record.timezone},        {"continent/code", record.continent_code},
    {"postalcode", record.postal_code},   {"subdivisions/code", record.subdivisions}};
  for (const auto& [label, text] : texts)
    if (name == label)
      return std::string{text};
  if (name == "country/is_in_european_union")
    return record.in_european_union ? "true" : "false";
  if (name == "latitude")
    return degrees(record.latitude);
  return name == "longitude" ? std::optional{degrees(record.longitude)} : std::nullopt;
}

std::optional<std::string> label_of(const network_record& record, std::string_view name) {
  if (name == "asn/number")
    return std::to_string(record.number);
  return name == "asn/org" ? std::optional{std::string{record.organization}} : std::nullopt;
}

} // namespace troupe::geo
