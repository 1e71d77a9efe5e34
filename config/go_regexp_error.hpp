// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace re2 {
class RE2;
}

namespace troupe::config {

/// Why an expression is none, as Go's regexp says it: "error parsing regexp: missing closing ): `(abc`".
std::string go_error_text(const re2::RE2& broken);

} // namespace troupe::config
