// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/value.hpp"

namespace troupe::templates {

/// A function of the language (text/template's builtins), null if there is none.
const function* find_function(std::string_view name) noexcept;

/// What CoreDNS adds to them: `parseInt TEXT BASE BITS`.
std::span<const function> coredns_functions() noexcept;

/// Go's `==` and `<` over values of the same kind, or Go's words of why they do not compare.
std::variant<bool, std::string> equals(const value& first, std::span<const value> others, workspace& work);
std::variant<bool, std::string> less(const value& a, const value& b, workspace& work);

std::string html_escaped(std::string_view s);
std::string js_escaped(std::string_view s);
std::string url_escaped(std::string_view s);

} // namespace troupe::templates
