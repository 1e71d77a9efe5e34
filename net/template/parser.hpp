// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/node.hpp"
#include "net/template/value.hpp"

#include <map>

namespace troupe::templates {

/// Holds the depth of what is read within bounds, and of what is executed.
class nesting {
public:
  explicit nesting(size_t& depth) noexcept : depth_(++depth) {}
  ~nesting() { --depth_; }
  nesting(const nesting&) = delete;
  nesting& operator=(const nesting&) = delete;

private:
  size_t& depth_;
};

/// What a source defines: itself under its name, and what `define` and `block` name.
using definitions = std::map<std::string, node, std::less<>>;

/// Reads a template, or says in Go's words what is wrong: `template: answer:1: unexpected "}" in operand`. `more`: the
/// host's functions, which outlive what is read. Linear in the source, no deeper than max_nesting.
std::variant<definitions, std::string> parse(std::string_view name, std::string_view source,
                                             std::span<const function> more);

} // namespace troupe::templates
