// SPDX-License-Identifier: Apache-2.0
#include "net/master/zone_answer.hpp"

#include "net/master/answer_sections.hpp"

namespace troupe::master {

void zone_answer::clear() noexcept {
  result = zone_result::failure;
  wildcard = zone_table::none;
  has_soa = false;
  answer.clear();
  authority.clear();
  additional.clear();
  chased.clear();
  code = dns::rcode::noerror;
}

namespace {

using dns::rrtype;

/// One question on its way through a table.
class zone_lookup : answer_sections {
public:
  zone_lookup(const zone_table& zone, const dns::query& q, zone_answer& out) : answer_sections(zone, q, out) {}

  void run() {
    const auto key = name_key::relative(q_.name_lowered(), zone_.apex().wire());
    if (!key)
      return end(zone_result::failure);
    if (key->labels() == 0 && q_.type() == rrtype::soa)
      return say_soa();
    if (key->labels() == 0 && q_.type() == rrtype::ns)
      return say_own_servers();
    if (zone_.has_cuts() && leads_elsewhere(*key))
      return;
    const uint32_t at = zone_.lower_bound(key->octets());
    if (at != zone_.size() && std::ranges::equal(zone_[at].key(), key->octets()))
      return is_bare_apex(at) ? deny(zone_result::nothing, at, at) : say_name(at, at);
    say_missing(*key, at);
  }

private:
  void say_soa() {
    add_soa(out_.answer);
    add_apex_servers();
    end(zone_result::success);
  }

  void say_own_servers() {
    const record_set servers = zone_[0].find(type_number(rrtype::ns));
    add_signed(out_.answer, 0, 0, rrtype::ns);
    add_glue(servers, 0);
    end(zone_result::success);
  }

  /// True if a name above the one asked for, or itself, is delegated or has a DNAME: that is said.
  bool leads_elsewhere(const name_key& key) {
    for (size_t labels = 0; labels <= key.labels(); ++labels) {
      const uint32_t at = zone_.find(key.up_to(labels));
      if (at == zone_table::none)
        continue;
      if (const record_set dname = zone_[at].find(type_number(rrtype::dname)); dname && labels != key.labels()) {
        follow_dname(at, dname);
        return true;
      }
      if (labels != 0 && is_cut(at, labels == key.labels())) {
        add_referral(at);
        end(zone_result::delegation);
        return true;
      }
    }
    return false;
  }

  void follow_dname(uint32_t at, record_set dname) {
    const table_record first = record_set{dname}.take();
    const dns::name owner = name_of_key(zone_[at].key(), zone_.apex());
    const dns::name_view asked = q_.name_lowered(), front = asked.first(asked.size() - owner.size());
    add_signed(out_.answer, at, at, rrtype::dname);
    if (front.size() + first.data.size() > dns::max_name_octets) { // RFC 6672 section 2.2
      out_.code = dns::rcode::yxdomain;
      add_apex_servers();
      return end(zone_result::success);
    }
    out_.synthesised.assign(front.begin(), front.end());
    out_.synthesised.insert(out_.synthesised.end(), first.data.begin(), first.data.end());
    if (dns::equal(out_.synthesised, asked)) { // it would go round for ever
      out_.answer.clear();
      return end(zone_result::failure);
    }
    out_.answer.push_back({answer_row::asked, type_number(rrtype::cname), {1, first.ttl, out_.synthesised}});
    if (q_.type() == rrtype::cname) {
      add_apex_servers();
      return end(zone_result::success);
    }
    follow_alias(out_.synthesised);
  }

  /// The name at `at` is there; `owner` is it, or stands for the name asked for.
  void say_name(uint32_t at, uint32_t owner) {
    const record_set alias = zone_[at].find(type_number(rrtype::cname));
    if (alias && q_.type() != rrtype::cname) {
      add_signed(out_.answer, owner, at, rrtype::cname);
      return follow_alias(record_set{alias}.take().data);
    }
    const record_set found = zone_[at].find(q_.qtype);
    if (!found) {
      add_soa(out_.authority);
      if (with_signatures())
        add_signed(out_.authority, at, at, rrtype::nsec);
      return end(zone_result::no_data);
    }
    add_signed(out_.answer, owner, at, q_.type());
    add_apex_servers();
    add_addresses_of_answer();
    end(zone_result::success);
  }

  /// Nothing is at `key`; `next` is the first name behind it.
  void say_missing(const name_key& key, uint32_t next) {
    const size_t before = next == 0 ? 0 : key.shared_labels(zone_[next - 1].key());
    const size_t behind = next == zone_.size() ? 0 : key.shared_labels(zone_[next].key());
    const size_t closest = std::max(before, behind); // labels of the closest encloser (RFC 4592 section 3.3.1)
    const uint32_t previous = next == 0 ? 0 : next - 1;
    if (closest == key.labels())
      return deny(zone_result::nothing, previous, previous);
    const name_key wildcard = key.wildcard(closest);
    const uint32_t source = zone_.find(wildcard.octets());
    if (source != zone_table::none) {
      out_.wildcard = source;
      say_name(source, answer_row::asked);
      if (out_.result != zone_result::failure)
        deny_name(previous, out_.result == zone_result::no_data ? source : zone_table::none);
      return;
    }
    if (zone_.has_below(wildcard.octets()))
      return deny(zone_result::no_data, previous, previous);
    const uint32_t behind_wildcard = zone_.lower_bound(wildcard.octets());
    deny(zone_result::name_error, previous, behind_wildcard == 0 ? 0 : behind_wildcard - 1);
  }

  /// `previous_name` and `previous_wildcard` are the last names before those that are denied.
  void deny(zone_result result, uint32_t previous_name, uint32_t previous_wildcard) {
    add_soa(out_.authority);
    deny_name(previous_name, zone_table::none);
    if (with_signatures() && previous_wildcard != previous_name)
      deny_name(previous_wildcard, denier(previous_name));
    end(result);
  }

  /// With DO: the NSEC that says that nothing comes behind the name at `previous`, if that is not `said`'s.
  void deny_name(uint32_t previous, uint32_t said) {
    if (!with_signatures())
      return;
    if (const uint32_t by = denier(previous); by != said)
      add_signed(out_.authority, by, by, rrtype::nsec);
  }

  /// The name whose NSEC speaks of what comes behind the name at `at`: itself or, as nothing below a cut or a DNAME has
  /// one (RFC 4035 section 2.3), that which hides it.
  uint32_t denier(uint32_t at) const noexcept {
    const uint16_t nsec = type_number(rrtype::nsec);
    if (zone_[at].find(nsec))
      return at;
    const dns::name name = name_of_key(zone_[at].key(), zone_.apex());
    const auto key = name_key::relative(name.wire(), zone_.apex().wire());
    for (size_t labels = key ? key->labels() : 0; labels-- > 0;)
      if (const uint32_t above = zone_.find(key->up_to(labels)); above != zone_table::none && zone_[above].find(nsec))
        return above;
    return at;
  }

  /// Follows aliases from `target` on as long as they are in the table.
  void follow_alias(std::span<const uint8_t> target) {
    for (size_t aliases = 1;; ++aliases) {
      const auto key = name_key::relative(target, zone_.apex().wire());
      const uint32_t cut = key ? cut_above(*key) : zone_table::none;
      if (cut != zone_table::none) {
        add_referral(cut);
        return end(zone_result::delegation);
      }
      const uint32_t at = key ? zone_.find(key->octets()) : zone_table::none;
      const bool apex_of_own = q_.type() == rrtype::ns || (q_.type() == rrtype::soa && at == 0);
      if (at == zone_table::none || apex_of_own || is_bare_apex(at)) {
        out_.target = *dns::name::from_wire(target);
        return end(zone_result::elsewhere);
      }
      const record_set alias = zone_[at].find(type_number(rrtype::cname));
      if (!alias) {
        add_signed(out_.answer, at, at, q_.type());
        break;
      }
      add_signed(out_.answer, at, at, rrtype::cname);
      if (aliases >= max_aliases)
        break;
      target = record_set{alias}.take().data;
    }
    add_apex_servers();
    add_addresses_of_answer();
    end(zone_result::success);
  }

  /// The first cut above or at the name of `key`.
  uint32_t cut_above(const name_key& key) const noexcept {
    for (size_t labels = 1; zone_.has_cuts() && labels <= key.labels(); ++labels)
      if (const uint32_t at = zone_.find(key.up_to(labels));
          at != zone_table::none && is_cut(at, labels == key.labels()))
        return at;
    return zone_table::none;
  }

  bool is_cut(uint32_t at, bool is_asked) const noexcept {
    return zone_[at].find(type_number(rrtype::ns)) && !(is_asked && q_.type() == rrtype::ds);
  }

  /// True for an apex that has nothing but the zone's own SOA and servers: CoreDNS does not take it for a name.
  bool is_bare_apex(uint32_t at) const noexcept {
    if (at != 0)
      return false;
    record_set set;
    for (size_t position = 0; zone_[0].next_set(position, set);) {
      const bool signatures = set.type() == type_number(rrtype::rrsig);
      for (record_set left = set; signatures && left;)
        if (const auto data = left.take().data; data.size() < 2 || data[0] != 0 || (data[1] != 2 && data[1] != 6))
          return false;
      if (!signatures && set.type() != type_number(rrtype::ns))
        return false;
    }
    return true;
  }
};

} // namespace

void answer_from_zone(const zone_table& zone, const dns::query& q, zone_answer& out) {
  out.clear();
  zone_lookup{zone, q, out}.run();
}

} // namespace troupe::master
