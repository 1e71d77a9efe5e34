// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/parser.hpp"

namespace troupe::config {

/// The SHA-512 that CoreDNS has for this Corefile, 128 lower-case hex digits: over the words of its blocks, after
/// imports and variables, as Go writes them as JSON. Lines count, so a comment in a line of its own changes it; white
/// space within a line, quotes and the order of different directives do not. `file`: the Corefile's own name, which is
/// left out.
std::string digest_of(const std::vector<raw_block>& blocks, const std::string& file);

/// True if `text`, the content of `file`, has that digest: a plan would say the same. Reads imports and nothing else,
/// while a plan reads zones and looks for hosts.
bool has_digest(const std::string& digest, const std::string& file, const std::string& text, const environment& env);

} // namespace troupe::config
