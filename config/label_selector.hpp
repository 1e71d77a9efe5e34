// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::config {

/// What `labels` and `namespace_labels` say: a Kubernetes label selector, as kubectl takes it but for `!=`, `<` and
/// `>`, which CoreDNS refuses. Immutable; any thread.
class label_selector {
public:
  struct requirement {
    enum class operation : uint8_t { in, not_in, exists, absent } relation = operation::in;
    std::string key;
    std::vector<std::string> values; ///< sorted; of `in` and `not_in`
  };

  label_selector() = default; ///< selects everything

  /// The error is what CoreDNS puts behind "unable to parse label selector value: '…': ".
  static std::variant<label_selector, std::string> parse(std::string_view text);

  bool empty() const noexcept { return all_.empty(); }

  /// In one normal form: equal texts select the same. What an API server is asked with.
  std::string text() const;

  /// `labels`: a map from key to value.
  template <class Labels>
  bool matches(const Labels& labels) const {
    return std::ranges::all_of(all_, [&](const requirement& r) {
      const auto found = labels.find(r.key);
      const bool there = found != labels.end();
      const auto has = [&] { return std::ranges::binary_search(r.values, found->second); };
      switch (r.relation) {
      case requirement::operation::in:
        return there && has();
      case requirement::operation::not_in:
        return !there || !has();
      case requirement::operation::exists:
        return there;
      case requirement::operation::absent:
        return !there;
      }
      return false;
    });
  }

private:
  std::vector<requirement> all_; ///< by key
};

} // namespace troupe::config
