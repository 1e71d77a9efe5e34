// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/values.hpp"
#include "net/rewrite/rules.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>

namespace troupe::config {

/// A rule, or what is wrong with its words, as CoreDNS says it.
using made_rule = std::variant<rewrite::rule, std::string>;

/// The words behind `name`, `ttl`, …
using rule_words = std::span<const std::string>;

made_rule make_type_rule(rule_words words);  ///< two
made_rule make_class_rule(rule_words words); ///< two
made_rule make_name_rule(rule_words words);
made_rule make_ttl_rule(rule_words words);
made_rule make_rcode_rule(rule_words words);
made_rule make_cname_rule(rule_words words);
made_rule make_option_rule(rule_words words); ///< `edns0`

/// In lower case and with a final dot: what CoreDNS makes of names here, whether they are names or not.
std::string normal_text(std::string_view text);
std::string in_upper_case(std::string_view text);

/// `exact`, `prefix`, … in any case; nothing if it is none of the five.
std::optional<rewrite::matching> matching_from(const std::string& word);

/// Null if it is none.
rewrite::expression_ptr expression_from(const std::string& text);

} // namespace troupe::config
