// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// `text` with U+FFFD in place of every octet that belongs to no well-formed UTF-8 sequence (RFC 3629 section 4: no
/// surrogates, no overlong forms). JSON and the metrics format are UTF-8, names from the network need not be.
std::string valid_utf8(std::string_view text);

} // namespace troupe
