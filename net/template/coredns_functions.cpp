// SPDX-License-Identifier: Apache-2.0
#include "net/template/functions.hpp"
#include "net/template/literals.hpp"

namespace troupe::templates {

namespace {

outcome call_parse_int(const object*, std::span<const value> all, workspace&) {
  auto read = parse_natural(*all[0].get<std::string_view>(), *all[1].get<int64_t>(), *all[2].get<int64_t>());
  if (auto* bad = std::get_if<std::string>(&read))
    return std::move(*bad);
  return natural(std::get<uint64_t>(read));
}

constexpr parameter text_base_bits[] = {parameter::text, parameter::integer, parameter::integer};
constexpr function added[] = {{"parseInt", text_base_bits, {}, call_parse_int}};

} // namespace

std::span<const function> coredns_functions() noexcept {
  return added;
}

} // namespace troupe::templates
