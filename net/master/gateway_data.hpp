// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/master/entry_lexer.hpp"

#include <span>

namespace troupe::master {

/// Data whose third field says what another one is: nothing, an address or a name. IPSECKEY (RFC 4025; ldns loses
/// memory where one is broken) and AMTRELAY (RFC 8777; ldns does not know it). Nothing if they are not well-formed.
std::optional<std::vector<uint8_t>> read_ipseckey(std::span<const token> words, const dns::name& origin);
std::optional<std::vector<uint8_t>> read_amtrelay(std::span<const token> words, const dns::name& origin);

} // namespace troupe::master
