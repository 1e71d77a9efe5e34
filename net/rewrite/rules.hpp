// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/rewrite/name_change.hpp"

#include <variant>

namespace troupe::rewrite {

using change_ptr = std::shared_ptr<const name_change>;

// What is done to an answer, record by record, the edits of the last rule first.

struct owner_edit {
  change_ptr change;
};

/// Of the name in the data of CNAME, DNAME, MX, NAPTR, NS, PTR, SOA (the first) and SRV.
struct value_edit {
  change_ptr change;
};

/// Holds TTLs between two bounds, in seconds.
struct ttl_edit {
  uint32_t least, most;
};

struct code_edit {
  uint16_t from, to;
};

/// A CNAME's target is changed, and what the answer had behind it becomes what the server finds for the new one.
struct target_edit {
  change_ptr change;
};

using answer_edit = std::variant<owner_edit, value_edit, ttl_edit, code_edit, target_edit>;
using answer_edits = std::vector<answer_edit>; ///< in the order of rules

// What a question is held against.

struct name_rule {
  name_change change;
  bool reverts = false; ///< names in the answer at or below the new name become those of the one before, lower-cased
  answer_edits answers{};
};

struct type_rule {
  uint16_t from, to;
};

struct class_rule {
  uint16_t from, to;
};

/// `ttl` and `rcode`: the question stays as it is.
struct answer_rule {
  name_pattern names;
  answer_edit edit;
};

/// `cname`: for every question.
struct target_rule {
  change_ptr change;
};

enum class option_action : uint8_t { set, append, replace, unset };

/// What an option's data is made of.
enum class option_source : uint8_t {
  data,
  qname, ///< text with final dot
  qtype,
  client_ip,
  client_port,
  protocol, ///< `udp`, `tcp`
  server_ip,
  server_port,
  metadata, ///< of a label
  subnet    ///< RFC 7871, of the client's address
};

/// `edns0`: an option of the query to upstreams. Answers' options are not touched: they have none.
struct option_rule {
  option_action action = option_action::set;
  option_source source = option_source::data;
  uint16_t code = 0;
  std::vector<uint8_t> data{};
  uint8_t v4_bits = 0, v6_bits = 0; ///< of `subnet`
  std::string label{};              ///< of `metadata`
};

struct rule {
  bool goes_on = false; ///< `continue`: the next rule is looked at too
  std::variant<name_rule, type_rule, class_rule, answer_rule, target_rule, option_rule> act;
};

using rules = std::vector<rule>;

} // namespace troupe::rewrite
