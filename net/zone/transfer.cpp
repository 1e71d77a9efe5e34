// SPDX-License-Identifier: Apache-2.0
#include "net/zone/transfer.hpp"

#include "net/zone/answer_parts.hpp"
#include "net/zone/soa.hpp"

#include <algorithm>
#include <utility>

namespace troupe::zone {

namespace {

/// No record that is not raw has more: the SOA has three names of 255 octets and 30 more. Raw ones have as much besides
/// their data.
constexpr size_t longest_record = 800;

// A call takes a fraction of a millisecond: so many records, or so many steps of work that make none.
constexpr size_t steps_per_call = 4096, max_working = 2;

/// RFC 1982 section 3.2: true if `a` is `b` or newer.
bool same_or_newer(uint32_t a, uint32_t b) noexcept {
  return static_cast<int32_t>(a - b) >= 0;
}

} // namespace

/// One message in the making, and where the zone's name stands in it.
struct transfer::message {
  message(std::span<uint8_t> out, const dns::query& asked)
    : answer(out, asked), zone(asked.name_lowered()), empty_octets(answer.uncompressed_size()) {
    answer.authoritative();
    // Owners keep the case that they have in the zone: the client's own spelling is pointed at only if it is the same
    // (RFC 5936 section 3.4).
    if (std::ranges::equal(zone, asked.name_as_sent()))
      tail = dns::question_offset;
  }

  /// True if a record with so many octets of raw data fits behind those that are there. An empty message takes all.
  bool has_room(size_t raw) const noexcept {
    const size_t used = answer.uncompressed_size() - empty_octets;
    return used == 0 || used + longest_record + raw <= max_message;
  }

  /// A name in the zone, as an owner: writes the zone out where there is nothing to point at yet, and notes the place.
  dns::name_ref owner(const label_string& labels) noexcept {
    if (zone.size() == 1)
      return {labels.view(), 0};
    if (tail != 0)
      return {labels.view(), tail};
    std::copy(labels.view().begin(), labels.view().end(), whole);
    std::copy(zone.begin(), zone.end() - 1, whole + labels.view().size());
    tail = static_cast<uint16_t>(answer.size() + labels.view().size());
    return {{whole, labels.view().size() + zone.size() - 1}, 0};
  }
  /// Behind owner().
  dns::name_ref target(const label_string& labels) const noexcept {
    return {labels.view(), zone.size() == 1 ? uint16_t{0} : tail};
  }

  dns::response answer;
  dns::name_view zone;
  size_t empty_octets;
  uint16_t tail = 0; ///< offset of the zone's name; 0: it stands nowhere yet
  uint8_t whole[dns::max_name_octets];
};

/// The next record, or the end, is known. False: that takes longer than this call may.
bool transfer::ready(size_t& steps) {
  while (!holds_ && !ended_) {
    if (steps++ >= steps_per_call) // work that makes none counts for many
      return false;
    switch (from_->next(held_)) {
    case zone_records::step::record:
      holds_ = held_.owner.fits(asked_.qname_octets);
      break;
    case zone_records::step::working:
      steps += steps_per_call / max_working - 1;
      break;
    case zone_records::step::end:
      ended_ = true;
      break;
    }
  }
  return true;
}

transfer::piece transfer::next(std::span<uint8_t> out) {
  if (!std::exchange(begun_, true)) {
    authority_ = from_->begin();
    const bool incremental = asked_.type() == dns::rrtype::ixfr && asked_.has_serial && asked_.serial != 0;
    up_to_date_ = incremental && same_or_newer(asked_.serial, authority_.serial);
  }
  size_t steps = 0;
  if (!up_to_date_ && !ready(steps))
    return {};
  message to{out.first(std::min(out.size(), dns::max_message_octets)), asked_};
  if (records_ == 0)
    write_soa(to);
  bool last = up_to_date_;
  while (!last && ready(steps) && to.has_room(holds_ && held_.is_raw ? held_.raw.size() : 0)) {
    last = ended_;
    if (ended_)
      write_soa(to);
    else if (std::exchange(holds_, false))
      write(to, held_);
  }
  piece made{to.answer.size(), to.answer.uncompressed_size(), last};
  made.octets = dns::finish_response(out, made.octets, asked_, dns::max_message_octets);
  return made;
}

void transfer::write_soa(message& to) noexcept {
  const dns::name_ref owner = to.owner({});
  ++records_;
  if (!authority_.raw.empty()) {
    to.answer.raw(dns::section::answer, owner, static_cast<uint16_t>(dns::rrtype::soa), 1, authority_.ttl,
                  authority_.raw);
    return;
  }
  to.answer.soa(
    dns::section::answer, owner, authority_.ttl,
    soa_of(to.target(authority_.primary), to.target(authority_.mailbox), authority_.serial, authority_.minimum));
}

void transfer::write(message& to, const zone_record& r) noexcept {
  constexpr auto answer = dns::section::answer;
  const auto whole = [&] { return dns::name_ref{r.name.first(r.name.size() - 1), 0}; };
  const bool names_fit = r.target.fits(asked_.qname_octets);
  ++records_;
  if (r.is_raw) {
    to.answer.raw(answer, to.owner(r.owner), static_cast<uint16_t>(r.type), r.rrclass, r.ttl, r.raw);
    return;
  }
  switch (r.type) {
  case dns::rrtype::a:
  case dns::rrtype::aaaa:
    write_address(to.answer, answer, to.owner(r.owner), r.ttl, r.address);
    return;
  case dns::rrtype::ns:
    if (!names_fit)
      break;
    {
      const dns::name_ref owner = to.owner(r.owner);
      to.answer.name_data(answer, owner, r.type, r.ttl, to.target(r.target));
    }
    return;
  case dns::rrtype::srv:
    if (!names_fit)
      break;
    {
      const dns::name_ref owner = to.owner(r.owner);
      const dns::name_ref target = r.target.view().empty() ? whole() : to.target(r.target);
      to.answer.srv(answer, owner, r.ttl, 0, r.weight, r.port, target);
    }
    return;
  case dns::rrtype::cname:
  case dns::rrtype::ptr:
    to.answer.name_data(answer, to.owner(r.owner), r.type, r.ttl, whole());
    return;
  case dns::rrtype::txt:
    to.answer.txt(answer, to.owner(r.owner), r.ttl, r.text);
    return;
  default:
    break;
  }
  --records_;
}

} // namespace troupe::zone
