// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"
#include "config/zone_index.hpp"
#include "net/dns/types.hpp"

#include <memory>
#include <string>
#include <vector>

namespace re2 {
class RE2;
}

namespace troupe::templates {
class text_template;
}

namespace troupe::config {

inline constexpr size_t max_template_regexp_octets = 10'000; ///< CoreDNS's own limit

/// One expression of `match`, and where its groups are found.
struct template_match {
  std::string text; ///< as in the Corefile
  std::shared_ptr<const re2::RE2> expression;
  /// Names in `.Group`, numbers among them, in ascending order, and the group of each.
  std::vector<std::pair<std::string, size_t>> groups;
};

/// RFC 8914.
struct extended_error {
  uint16_t code = 0;
  std::string text;
};

/// `template CLASS TYPE [ZONES...] { … }`: an answer made of the question. They are tried in the order of the Corefile.
struct template_options {
  place at;
  uint16_t rrclass = 0, type = 0;     ///< 255: any
  std::string class_text, type_text;  ///< of both
  zone_index zones;                   ///< names below these are looked at
  std::vector<std::string> zone_text; ///< of each, with final dot, by its position
  std::vector<template_match> match;  ///< the first that fits counts; never empty

  using list = std::vector<std::shared_ptr<const templates::text_template>>;
  list answer, additional, authority; ///< each makes one record
  dns::rcode code = dns::rcode::noerror;
  std::optional<extended_error> reason;
  zone_index fallthrough; ///< names below these, if no expression fits, go on; others are SERVFAIL
};

using template_list = std::vector<template_options>;

/// Mnemonic of a type as miekg/dns has them, empty if it has none.
std::string template_type_text(uint16_t type);

} // namespace troupe::config
