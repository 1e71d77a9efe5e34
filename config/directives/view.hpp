// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/expression/expression.hpp"

namespace troupe::config {

/// `view NAME { expr EXPRESSION }`: the block is for questions that all expressions are true for.
struct view_options {
  std::vector<expressions::expression> conditions;
};

/// What expressions may ask of a question: positions in view_surroundings().functions.
enum class view_function : size_t {
  incidr,
  metadata,
  type,
  name,
  class_name,
  proto,
  size,
  client_ip,
  port,
  id,
  opcode,
  dnssec_ok,
  bufsize,
  server_ip,
  server_port
};

const expressions::surroundings& view_surroundings();

} // namespace troupe::config
