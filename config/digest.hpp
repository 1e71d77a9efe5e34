// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/parser.hpp"

namespace troupe::config {

/// SHA-512 over the words of `blocks`, 128 lower-case hex digits. White space, comments, quotes and the files that the
/// words stand in do not count; where lines end does, since it changes what words mean.
std::string digest_of(const std::vector<raw_block>& blocks);

} // namespace troupe::config
