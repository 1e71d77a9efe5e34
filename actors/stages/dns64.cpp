// SPDX-License-Identifier: Apache-2.0
#include "config/directives/dns64.hpp"

#include "actors/stages/edited_answer.hpp"
#include "actors/stages/stage_site.hpp"
#include "actors/stages/taken_question.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr auto type_a = static_cast<uint16_t>(dns::rrtype::a), type_aaaa = static_cast<uint16_t>(dns::rrtype::aaaa);

/// One question for AAAA records: asked as it is, and where there are none for A records, which are turned into them.
class dns64_question : private taken_question, public std::enable_shared_from_this<dns64_question> {
public:
  dns64_question(net::subquery_endpoint& through, net::slice one, const config::dns64_options& options,
                 net::counter& translated)
    : taken_question(through, std::move(one)), options_(options), translated_(translated) {}

  void begin() {
    if (!ask(*this, slot().query, from_behind(), &dns64_question::on_aaaa))
      fail(too_deep);
  }

private:
  friend class taken_question;

  void on_aaaa(net::slot& done) {
    if (done.state != net::slot_state::answered || done.failure || done.rcode == dns::rcode::nxdomain)
      return hand_on(done);
    auto read = dns::read_message(done.message());
    const auto* first = std::get_if<dns::message>(&read);
    const auto is_aaaa = [](auto& record) { return record.type == type_aaaa; };
    if (!first || (!options_.translate_all && std::ranges::any_of((*first)[dns::section::answer], is_aaaa)))
      return hand_on(done);
    for (const auto& record : (*first)[dns::section::authority]) {
      if (record.type == static_cast<uint16_t>(dns::rrtype::soa))
        most_ttl_ = record.ttl;
    }
    dns::query next = slot().query;
    next.qtype = type_a;
    if (!ask(*this, next, from_the_front(), &dns64_question::on_a))
      fail(too_deep);
  }

  void on_a(net::slot& done) {
    auto read = dns::read_message(done.message());
    auto* message = done.state == net::slot_state::answered ? std::get_if<dns::message>(&read) : nullptr;
    if (!message || done.failure || message->questions.size() != 1)
      return fail(done.failure ? done.failure : "no answer");
    translate(*message);
    if (!keep_message(home(), slot(), *message))
      return fail("the answer cannot be written");
    slot().rcode = dns::rcode::noerror;
    translated_.add(1);
    answered_like(done);
  }

  /// As CoreDNS does, the answer is a fresh one but for TC: an A question that was denied makes no denial.
  void translate(dns::message& message) const {
    constexpr uint16_t kept = dns::flag::rd | dns::flag::cd;
    message.flags =
      static_cast<uint16_t>(dns::flag::qr | (slot().query.flags & kept) | (message.flags & dns::flag::tc));
    message.questions.front().type = type_aaaa;
    for (auto& record : message[dns::section::answer]) {
      if (record.type != type_a || record.data.size() != 4)
        continue;
      const auto address = options_.embed(record.data.data());
      record.type = type_aaaa;
      record.data.assign(address.begin(), address.end());
      record.ttl = std::min(record.ttl, most_ttl_);
    }
  }

  static constexpr uint32_t ttl_without_soa = 600; // seconds, RFC 6147 section 5.1.7

  const config::dns64_options& options_; ///< the plan's, which the batch keeps
  net::counter& translated_;
  uint32_t most_ttl_ = ttl_without_soa;
};

/// `dns64`: AAAA records made of A records for clients that have no IPv4.
class dns64_stage final : public stage {
public:
  dns64_stage(const config::dns64_options& options, net::subquery_endpoint& subqueries, net::counter& translated)
    : options_(options), subqueries_(subqueries), translated_(translated) {}

  std::string_view name() const noexcept override { return "dns64"; }

  step request(net::slot& slot, stage_scope&) override {
    const bool wanted = slot.query.type() == dns::rrtype::aaaa &&
                        slot.query.qclass == static_cast<uint16_t>(dns::rrclass::in) &&
                        (options_.allow_v4 || slot.from.is_v6());
    return wanted && slot.may_wait ? step::taken : step::next;
  }

  void take(net::slice one) override {
    std::make_shared<dns64_question>(subqueries_, std::move(one), options_, translated_)->begin();
  }

private:
  const config::dns64_options& options_; ///< the plan's
  net::subquery_endpoint& subqueries_;
  net::counter& translated_;
};

} // namespace

void make_dns64(stage_site& site) {
  if (net::subquery_endpoint* const asks = site.resources.subqueries)
    site.add<dns64_stage>(
      site.block.own<config::dns64_options>("dns64"), *asks,
      site.counter("coredns_dns64_requests_translated_total", "Counter of DNS requests translated by dns64."));
}

} // namespace troupe
