// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace troupe {

/// True if a request's `Host` (RFC 9110 section 7.2) is what a client says that was told an address: a numeric one,
/// `localhost`, or `bound`, the name that was listened on; with or without a port. Also if it is empty, as from old
/// programs. False for every other name: a web page whose own name its author lets point here (DNS rebinding) would
/// read what it gets.
bool is_own_host(std::string_view host, std::string_view bound);

} // namespace troupe
