// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The words of a label selector and what they may be made of. Internal to config.
namespace troupe::config {

struct label_token {
  enum class kind : uint8_t {
    end,
    closed,
    comma,
    exclamation,
    double_equals,
    equals,
    greater,
    identifier,
    in,
    less,
    not_equals,
    not_in,
    open
  } type = kind::end;
  std::string text;
};

/// The last is always `end`.
std::vector<label_token> split_selector(std::string_view text);

/// What is wrong with a key or a value, in Kubernetes' words; empty: nothing.
std::string bad_label_key(std::string_view key);
std::string bad_label_value(std::string_view value);

} // namespace troupe::config
