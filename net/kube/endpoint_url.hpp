// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/kubeconfig.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::kube {

/// Puts scheme, host, port and path of `url` into `server`; without a scheme it is `https` if `tls_material`, else
/// `http`, as in client-go. The text says what is wrong; nothing if all is well.
std::optional<std::string> use_url(std::string_view url, bool tls_material, api_server& server);

/// Puts `HOST[:PORT]` with brackets around an IPv6 address into `host` and, where it has one, `port`. What is wrong, to
/// follow the URL's name in a message; null if all is well.
const char* use_authority(std::string_view authority, std::string& host, uint16_t& port);

/// RFC 4648 section 4, white space ignored; nothing if it is not base64.
std::optional<std::string> from_base64(std::string_view text);

} // namespace troupe::kube
