// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// YAML as a small tree with lines and limits: what manifests and kubeconfigs are read from. Aliases share their node,
/// and what they would unfold to counts against the limit.
namespace troupe::kube::yaml {

inline constexpr size_t max_depth = 64;
inline constexpr size_t max_nodes = 1'000'000;        ///< aliases unfolded, over all documents of a file
inline constexpr size_t max_scalar_octets = 2u << 20; ///< etcd keeps 1.5 MB of an object
inline constexpr size_t max_keys = 10'000;            ///< of a mapping, in which names are looked for one by one

class node {
public:
  enum class kind : uint8_t { null, scalar, sequence, map };

  kind type() const { return type_; }
  int line() const { return line_; } ///< from 1
  bool is_null() const { return type_ == kind::null; }
  bool is_map() const { return type_ == kind::map; }
  bool is_sequence() const { return type_ == kind::sequence; }

  /// A scalar's text; empty for anything else.
  const std::string& text() const { return text_; }
  bool is_plain() const { return plain_; } ///< written without quotes

  /// Of a map: the member (the last of that name, as in JSON), or a null node.
  const node& operator[](std::string_view key) const;

  /// Of a sequence: its items; empty for anything else.
  const std::vector<std::shared_ptr<const node>>& items() const { return items_; }

  /// Of a map: the keys, in the order of items().
  const std::vector<std::string>& keys() const { return keys_; }

  std::optional<int64_t> integer() const;
  std::optional<bool> boolean() const; ///< true, false, and what YAML 1.1 takes for them

private:
  friend class builder;
  kind type_ = kind::null;
  bool plain_ = false;
  int line_ = 0;
  size_t weight_ = 1; ///< nodes below and this, aliases unfolded
  std::string text_;
  std::vector<std::string> keys_;
  std::vector<std::shared_ptr<const node>> items_;
};

using document = std::shared_ptr<const node>;

/// All documents of a file, empty ones left out.
std::variant<std::vector<document>, problem> parse(const std::string& file, std::string_view text);

} // namespace troupe::kube::yaml
