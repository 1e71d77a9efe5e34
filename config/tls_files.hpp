// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"

#include <string>
#include <variant>

namespace troupe::config {

/// The files that `tls [CERT KEY] [CA]` names; empty: none. Certificate and key: both or neither.
struct tls_files {
  std::string certificate, key, authority;
  bool operator==(const tls_files&) const = default;
};

/// What is in them, PEM.
using tls_texts = tls_files;

/// Reads the files and sees that they hold what they should, and that the key is the certificate's; or what is wrong,
/// as CoreDNS says it.
std::variant<tls_texts, std::string> read_tls_files(const tls_files& files, const environment& env);

} // namespace troupe::config
