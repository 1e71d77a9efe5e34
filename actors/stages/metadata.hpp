// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/metadata.hpp"
#include "config/plan.hpp"
#include "net/batch.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// `metadata`: what stages know of a question, under labels (`kubernetes/namespace`, `geoip/city/name`), for `log`,
/// `view`, `template` and `rewrite`. Nothing is collected: who wants a label asks for it, and then it is found out.
namespace troupe {

/// A directive that has labels. Thread: the loop's.
class label_provider {
public:
  virtual ~label_provider() = default;
  /// What stands in front of its labels, with the slash: `kubernetes/`.
  virtual std::string_view prefix() const noexcept = 0;
  /// The label without the prefix. Nothing: there is none of that name for this question.
  virtual std::optional<std::string> label(std::string_view name, const net::slot& asked) const = 0;
};

/// Those of a block with `metadata`.
struct block_labels {
  config::zone_index zones; ///< the providers are asked for questions below these only
  std::vector<std::unique_ptr<label_provider>> providers;

  std::optional<std::string> find(std::string_view label, const net::slot& asked) const;
};

/// The blocks of a listener that have `metadata`.
class plan_labels {
public:
  explicit plan_labels(const config::listener_plan& listener) : listener_(listener) {}

  void enter(size_t block, std::unique_ptr<block_labels> labels);
  /// Null: it has none.
  const block_labels* of_block(size_t block) const noexcept {
    return block < blocks_.size() ? blocks_[block].get() : nullptr;
  }

  /// Whose labels a question has that was dispatched: its block's; those of the last block with `metadata` whose zone
  /// fitted and whose `view` did not, if its own has none, as in CoreDNS. Null: nobody's.
  const block_labels* of(const net::slot& asked) const;

private:
  const config::listener_plan& listener_;
  std::vector<std::unique_ptr<block_labels>> blocks_; ///< by block; null: without
};

/// The labels of one question, for whoever has it in hand. Points to what it was made of.
class question_labels {
public:
  /// `all`: null if no block has `metadata`.
  question_labels(const plan_labels* all, const net::batch& home, const net::slot& slot)
    : all_(all), home_(home), slot_(slot) {}

  /// What providers say, of the question as its client asked it, and what those who answered have noted. Nothing: there
  /// is no such label.
  std::optional<std::string> find(std::string_view label) const;
  /// False: there are none, whatever they are called.
  bool any() const { return all_ && all_->of(asked()); }

private:
  const net::slot& asked() const noexcept { return slot_.entry_stage != 0 && home_.serves ? *home_.serves : slot_; }

  const plan_labels* all_;
  const net::batch& home_;
  const net::slot& slot_;
};

} // namespace troupe
