// SPDX-License-Identifier: Apache-2.0
#include "net/dns/reply_records.hpp"

#include "net/dns/kept_reply.hpp"
#include "net/dns/wire.hpp"

#include <algorithm>

namespace troupe::dns {

namespace {

/// Bounds on what is looked at again and again; an honest reply has one or two of each.
constexpr size_t max_dnames = 16, max_zones = 8;

constexpr size_t signer_offset = 18; // RFC 4034 section 3.1

bool is(const record_view& r, rrtype type) noexcept {
  return r.type == static_cast<uint16_t>(type);
}

/// The type that a signature is for; 0 if it is none.
uint16_t covered_by(const record_view& r) noexcept {
  return is(r, rrtype::rrsig) && r.data.size() > signer_offset ? get16(r.data.data()) : 0;
}

uint32_t hash_of(name_view owner) noexcept {
  std::array<uint8_t, max_name_octets> lowered;
  lower(owner, lowered.data());
  return hash({lowered.data(), owner.size()});
}

/// True if `alias` (at `owner`) is what `dname` makes of `owner`.
bool makes(const record_view& dname, const name& owner, const name& alias) noexcept {
  const name_view above = dname.owner, from = owner.wire(), to = alias.wire();
  if (from.size() <= above.size() || !is_subdomain(from, above))
    return false;
  const size_t prefix = from.size() - above.size();
  return to.size() == prefix + dname.data.size() && equal(to.first(prefix), from.first(prefix)) &&
         equal(to.subspan(prefix), dname.data);
}

class selection {
public:
  selection(const message_view& reply, const query& asked)
    : reply_(reply), asked_(asked), answer_(reply[section::answer]), authority_(reply[section::authority]),
      at_(*name::from_wire(asked.name_lowered())) {
    by_owner_.reserve(answer_.size());
    out_.answer.resize(answer_.size());
    out_.authority.resize(authority_.size());
    name_view last; // records of a set stand together
    for (size_t i = 0; i < answer_.size(); ++i) {
      const record_view& r = answer_[i];
      if (r.rrclass != asked.data_class())
        continue;
      by_owner_.push_back({same(last, r.owner) ? by_owner_.back().first : hash_of(r.owner), static_cast<uint32_t>(i)});
      last = r.owner;
      if (is(r, rrtype::dname) && dnames_.size() < max_dnames)
        dnames_.push_back(i);
    }
    if (!std::is_sorted(by_owner_.begin(), by_owner_.end())) // those of one owner are
      std::sort(by_owner_.begin(), by_owner_.end());
  }

  reply_records take() {
    follow_chain();
    find_zones();
    take_authority();
    return std::move(out_);
  }

private:
  /// Calls `what` with the index of every answer record of `owner`, in the order of the reply.
  template <class What>
  void each_of(name_view owner, What what) const {
    const uint32_t h = hash_of(owner);
    name_view known = owner; // equal to it: most are the same octets
    for (auto i = std::lower_bound(by_owner_.begin(), by_owner_.end(), std::pair{h, uint32_t{0}});
         i != by_owner_.end() && i->first == h; ++i)
      if (const name_view each = answer_[i->second].owner; same(each, known)) {
        known = each;
        what(i->second);
      }
  }

  void keep_with_signatures(size_t index) {
    out_.answer[index] = true;
    each_of(answer_[index].owner, [&](size_t i) {
      if (covered_by(answer_[i]) == answer_[index].type)
        out_.answer[i] = true;
    });
  }

  /// The records of the type that was asked for, if `at_` has any.
  bool take_wanted() {
    const bool any = asked_.type() == rrtype::any;
    bool found = false;
    each_of(at_.wire(), [&](size_t i) {
      if (any || answer_[i].type == asked_.qtype)
        found = out_.answer[i] = true;
    });
    if (found)
      each_of(at_.wire(), [&](size_t i) {
        if (covered_by(answer_[i]) == asked_.qtype)
          out_.answer[i] = true;
      });
    return found;
  }

  void follow_chain() {
    for (size_t step = 0; !(out_.found = take_wanted()) && step < max_chain; ++step) {
      size_t alias = answer_.size();
      each_of(at_.wire(), [&](size_t i) {
        if (alias == answer_.size() && is(answer_[i], rrtype::cname))
          alias = i;
      });
      if (alias == answer_.size() || out_.answer[alias])
        return; // the end of the chain, or where it bites its tail
      keep_with_signatures(alias);
      const auto target = name::from_wire(answer_[alias].data);
      if (!target)
        return; // of a class whose data nobody has looked into
      const auto made_by =
        std::find_if(dnames_.begin(), dnames_.end(), [&](size_t i) { return makes(answer_[i], at_, *target); });
      if (made_by != dnames_.end() && !out_.answer[*made_by])
        keep_with_signatures(*made_by);
      at_ = *target;
    }
  }

  void add_zone(name_view apex) {
    const auto is_it = [&](name_view zone) { return same(zone, apex); };
    if (zones_.size() < max_zones && std::none_of(zones_.begin(), zones_.end(), is_it))
      zones_.push_back(apex);
  }

  /// The zones that may prove something here: the one that denies the chain's last name, and those that signed the
  /// chain.
  void find_zones() {
    for (size_t i = 0; !out_.found && !out_.has_soa && i < authority_.size(); ++i) {
      if (!is(authority_[i], rrtype::soa) || !in_class(authority_[i]))
        continue;
      out_.foreign_soa = !is_subdomain(at_.wire(), authority_[i].owner);
      if (!out_.foreign_soa) {
        out_.authority[i] = out_.has_soa = true;
        add_zone(authority_[i].owner);
      }
    }
    for (size_t i = 0; i < answer_.size(); ++i) {
      if (!out_.answer[i] || covered_by(answer_[i]) == 0)
        continue;
      const auto signer = answer_[i].data.subspan(signer_offset);
      const auto apex = signer.first(name_length(signer));
      if (!apex.empty() && is_subdomain(answer_[i].owner, apex))
        add_zone(apex);
    }
  }

  void take_authority() {
    const bool refers = !out_.found && !out_.has_soa && (reply_.flags & 15) == 0;
    for (size_t i = 0; i < authority_.size(); ++i) {
      const record_view& r = authority_[i];
      if (!in_class(r))
        continue;
      if (refers && is(r, rrtype::ns) && is_subdomain(at_.wire(), r.owner))
        out_.authority[i] = out_.has_ns = true;
      if (proves(is(r, rrtype::rrsig) ? covered_by(r) : r.type) && in_zones(r.owner))
        out_.authority[i] = true;
      if (out_.has_soa && covered_by(r) == static_cast<uint16_t>(rrtype::soa) && same(r.owner, zones_.front()))
        out_.authority[i] = true;
    }
  }

  bool in_class(const record_view& r) const noexcept { return r.rrclass == asked_.data_class(); }

  static bool proves(uint16_t type) noexcept {
    return type == static_cast<uint16_t>(rrtype::nsec) || type == static_cast<uint16_t>(rrtype::nsec3);
  }

  bool in_zones(name_view owner) const noexcept {
    return std::any_of(zones_.begin(), zones_.end(), [&](name_view apex) { return is_subdomain(owner, apex); });
  }

  const message_view& reply_;
  const query& asked_;
  const std::vector<record_view>&answer_, &authority_;
  name at_;                                             ///< where the chain has come to
  std::vector<std::pair<uint32_t, uint32_t>> by_owner_; ///< hash of the owner, index in the answer section; sorted
  std::vector<size_t> dnames_;
  std::vector<name_view> zones_; ///< the SOA's first
  reply_records out_;
};

} // namespace

reply_records select_records(const message_view& reply, const query& asked) {
  return selection(reply, asked).take();
}

} // namespace troupe::dns
