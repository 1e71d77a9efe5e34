// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/loadbalance.hpp"

#include "actors/runtime/log.hpp"
#include "actors/stages/edited_answer.hpp"
#include "actors/stages/stage_site.hpp"
#include "config/weights.hpp"
#include "net/zone/published.hpp"

#include <algorithm>
#include <random>

namespace troupe {

namespace {

using records = std::vector<dns::record>;

bool is_type(const dns::record& record, dns::rrtype type) noexcept {
  return record.type == static_cast<uint16_t>(type);
}

bool is_address(const dns::record& record) noexcept {
  return (is_type(record, dns::rrtype::a) && record.data.size() == 4) ||
         (is_type(record, dns::rrtype::aaaa) && record.data.size() == 16);
}

std::array<uint8_t, 16> octets_of(const dns::record& address) noexcept {
  std::array<uint8_t, 16> out{};
  std::ranges::copy(address.data, out.begin());
  return out;
}

/// The file of `weighted`.
class weights_file final : public watched_file {
public:
  explicit weights_file(const config::loadbalance_options& options)
    : watched_file(options.reload), text_(options.weights) {}

  void look() override {
    const auto text = text_.read();
    if (!text)
      return;
    if (const auto* failed = std::get_if<config::environment::unreadable>(&*text))
      return log::error("plugin/loadbalance: weight file {}: {}", text_.path(), failed->reason);
    auto read = config::parse_weights(std::get<std::string>(*text), text_.path());
    if (const auto* problem = std::get_if<std::string>(&read))
      return log::error("plugin/loadbalance: {}", *problem);
    weights_.publish(
      std::make_shared<const config::address_weights>(std::get<config::address_weights>(std::move(read))));
    log::info("plugin/loadbalance: Successfully reloaded weight file {}", text_.path());
  }

  const zone::published<config::address_weights>& weights() const noexcept { return weights_; }

private:
  changing_text text_;
  zone::published<config::address_weights> weights_{std::make_shared<const config::address_weights>()};
};

/// `loadbalance` with weights or preferred prefixes: it has to read the answer.
class ordering_stage final : public stage {
public:
  ordering_stage(const config::loadbalance_options& options, std::shared_ptr<const weights_file> weights)
    : prefer_(options.prefer), file_(std::move(weights)), random_(std::random_device{}()) {
    if (file_)
      weights_.emplace(file_->weights());
  }

  std::string_view name() const noexcept override { return "loadbalance"; }

  void response(net::slot& slot, stage_scope& scope) override {
    if (slot.rcode != dns::rcode::noerror || slot.query.is_transfer())
      return;
    const auto type = slot.query.type();
    const bool weighs = weights_ && (type == dns::rrtype::a || type == dns::rrtype::aaaa || type == dns::rrtype::srv);
    if (!weights_)
      dns::shuffle_addresses(slot.message(), spread_);
    if (!weighs && prefer_.empty())
      return;
    edit_answer(scope.batch, slot, [&](dns::message& message) {
      for (const auto where : {dns::section::answer, dns::section::additional})
        weighs ? put_heavy_first(message[where]) : put_preferred_first(message[where]);
      return true;
    });
  }

private:
  /// One address comes first, as often as its weight says; aliases stay in front.
  void put_heavy_first(records& all) {
    std::ranges::stable_sort(all, {}, [](const dns::record& record) {
      return is_type(record, dns::rrtype::cname) ? 0
             : is_address(record)                ? 2
             : is_type(record, dns::rrtype::mx)  ? 3
                                                 : 1;
    });
    const auto first = std::ranges::find_if(all, is_address);
    const auto last = std::find_if_not(first, all.end(), is_address);
    if (first == last)
      return;
    const auto& weights = *weights_->get();
    const auto weight_of = [&](const dns::record& each) {
      return weights.of(each.owner, octets_of(each), is_type(each, dns::rrtype::aaaa));
    };
    unsigned sum = 0;
    for (auto each = first; each != last; ++each)
      sum += weight_of(*each);
    unsigned drawn = std::uniform_int_distribution<unsigned>{0, sum - 1}(random_);
    for (auto each = first; each != last; ++each) {
      const unsigned weight = weight_of(*each);
      if (drawn < weight)
        return std::iter_swap(first, each);
      drawn -= weight;
    }
  }

  void put_preferred_first(records& all) const {
    std::ranges::stable_sort(all, {}, [&](const dns::record& record) -> size_t {
      if (is_type(record, dns::rrtype::cname))
        return 0;
      if (!is_address(record))
        return prefer_.size() + (is_type(record, dns::rrtype::mx) ? 2 : 3);
      const auto net = std::ranges::find_if(
        prefer_, [&](auto& each) { return each.holds(octets_of(record), is_type(record, dns::rrtype::aaaa)); });
      return 1 + static_cast<size_t>(net - prefer_.begin());
    });
  }

  const std::vector<config::prefix> prefer_;
  const std::shared_ptr<const weights_file> file_; ///< null: no weights
  std::optional<zone::reader<config::address_weights>> weights_;
  std::minstd_rand random_;
  uint64_t spread_ = random_();
};

} // namespace

void make_loadbalance(stage_site& site) {
  const auto& options = *site.block.loadbalance;
  if (options.weights.empty() && options.prefer.empty()) {
    site.add<loadbalance_stage>();
    return;
  }
  std::shared_ptr<const weights_file> weights;
  if (!options.weights.empty())
    weights = site.resources.files->get<weights_file>(
      "weights " + std::to_string(options.reload.count()) + " " + options.weights, options);
  site.add<ordering_stage>(options, std::move(weights));
}

} // namespace troupe
