// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace troupe::config {

/// A regular expression as Go writes it, for RE2: `(?<name>x)` becomes `(?P<name>x)`, which is all that an older RE2
/// knows.
std::string re2_of(std::string_view expression);

} // namespace troupe::config
