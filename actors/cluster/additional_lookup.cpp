// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/cname_chase.hpp"

#include "actors/questions/message_buffer.hpp"

#include "net/dns/message.hpp"
#include "net/dns/message_size.hpp"
#include "net/dns/message_writer.hpp"
#include "net/zone/label_set.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr size_t most_targets = 8; // two questions each: 16 is what one question may cause

/// The targets of SRV records that nothing in the additional section is about, each once.
std::vector<dns::name> targets_without_address(const dns::message& m) {
  std::vector<dns::name> found;
  zone::label_set known;
  const dns::record* before = nullptr; // glue of one name mostly stands together
  for (const dns::record& r : m[dns::section::additional]) {
    if (!before || !(before->owner == r.owner))
      known.add(r.owner.lowered().wire());
    before = &r;
  }
  constexpr size_t before_target = 6; // priority, weight, port
  for (const dns::record& r : m[dns::section::answer]) {
    if (r.type != static_cast<uint16_t>(dns::rrtype::srv) || r.data.size() <= before_target)
      continue;
    const auto target = dns::name::from_wire(dns::name_view{r.data}.subspan(before_target));
    if (target && known.add(target->lowered().wire()).is_new)
      found.push_back(*target);
    if (found.size() == most_targets)
      break;
  }
  return found;
}

/// Waits for all answers; the last one ends it.
class glue_search : public std::enable_shared_from_this<glue_search> {
public:
  glue_search(net::slice one, dns::message whole) : one_(std::move(one)), whole_(std::move(whole)) {}

  void ask(net::subquery_endpoint& through) {
    const std::vector<dns::name> targets = targets_without_address(whole_);
    found_.resize(2 * targets.size());
    const net::subquery_start from{slot(), one_.home().plan};
    open_ = 1; // this function itself, so that nothing ends before all are asked
    for (size_t i = 0; i < found_.size(); ++i) {
      dns::query what = slot().query;
      dns::set_name(what, targets[i / 2].wire());
      what.qtype = static_cast<uint16_t>(i % 2 == 0 ? dns::rrtype::a : dns::rrtype::aaaa);
      open_ += through.ask(what, from, [self = shared_from_this(), i](net::slot& done) { self->take(done, i); });
    }
    close_one();
  }

private:
  net::slot& slot() const noexcept { return one_.home()[0]; }

  void take(const net::slot& done, size_t which) {
    if (done.state == net::slot_state::answered && !done.failure)
      if (auto read = dns::read_message(done.message()); auto* m = std::get_if<dns::message>(&read))
        if (!(m->flags & dns::flag::tc)) // a set is whole or not there
          found_[which] = std::move((*m)[dns::section::answer]);
    close_one();
  }

  void close_one() {
    if (--open_ != 0)
      return;
    auto& additional = whole_[dns::section::additional];
    for (auto& records : found_)
      std::ranges::move(records, std::back_inserter(additional));
    const auto written = scratch_message().first(dns::write_message(whole_, scratch_message()));
    if (!written.empty())
      one_.home().keep(slot(), written, dns::uncompressed_size(written));
    std::move(one_).finish();
  }

  net::slice one_;
  dns::message whole_;
  std::vector<std::vector<dns::record>> found_;
  size_t open_ = 0;
};

} // namespace

void ask_for_glue(net::subquery_endpoint& through, net::slice one) {
  net::slice alone = one.home().home().alone(std::move(one));
  auto read = dns::read_message(alone.home()[0].message());
  if (auto* whole = std::get_if<dns::message>(&read))
    std::make_shared<glue_search>(std::move(alone), std::move(*whole))->ask(through);
  else
    std::move(alone).finish();
}

} // namespace troupe
