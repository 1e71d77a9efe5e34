// SPDX-License-Identifier: Apache-2.0
#include "net/dns/text.hpp"
#include "net/master/master_file.hpp"
#include "net/master/record_text.hpp"

#include <cstdlib>

using namespace troupe;

/// Octets as a master file that may include itself, and as one record. What is read must be sound: names whole, data
/// of known types as their layout says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto origin = *dns::name::from_text("example.org.");
  size_t records = 0;
  const auto check = [&](const dns::record& r) -> std::optional<std::string> {
    if (dns::name_length(r.owner.wire()) != r.owner.size() || r.data.size() > 65535)
      std::abort();
    std::span<const uint8_t> left = r.data;
    for (const char* f = dns::data_layout(r.type, 1); *f != '\0'; ++f)
      if (!dns::take_field(left, dns::field{*f}))
        std::abort();
    if (!left.empty())
      std::abort();
    return ++records < 10'000 ? std::nullopt : std::optional<std::string>{"enough"};
  };
  const auto include = [&](const std::string&) -> std::variant<std::string, std::string> {
    return std::variant<std::string, std::string>{std::in_place_index<0>, text.substr(0, 256)};
  };
  master::read_master_file({text, "fuzz.db", origin}, include, check);
  const auto one = master::record_from_text(text, origin, 60);
  if (const auto* record = std::get_if<dns::record>(&one)) {
    check(*record);
    // What is shown reads as the same.
    const auto again = master::record_from_text(dns::to_text(*record), origin, 60);
    const auto* same = std::get_if<dns::record>(&again);
    if (record->rrclass == 1 && (!same || !(same->owner == record->owner) || same->data != record->data))
      std::abort();
  }
  return 0;
}
