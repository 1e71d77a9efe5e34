// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/token.hpp"

#include <string_view>

namespace troupe::config {

/// Cuts a Corefile into words, which white space separates. `"` at the start of a word quotes until the next `"`, over
/// lines, with `\"` as the only escape; outside quotes `#` drops the rest of its line, also from the middle of a word;
/// carriage returns count for nothing; a byte order mark at the front is skipped. Every text has tokens: there is no
/// error. Stops behind the first word too many (max_tokens).
tokens lex(std::string_view text, const std::shared_ptr<const std::string>& file);

} // namespace troupe::config
