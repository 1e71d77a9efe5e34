// SPDX-License-Identifier: Apache-2.0
#include "net/zone/srv_set.hpp"

#include "net/dns/wire.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace troupe::zone {

namespace {

constexpr size_t name_looks = 8, address_looks = 2; ///< for one that came before
constexpr size_t usual_glue = 4'096;

} // namespace

bool number_set::add(uint16_t number) {
  if (!many_) {
    const auto end = few_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (std::find(few_.begin(), end, number) != end)
      return false;
    if (count_ < few) {
      few_[count_++] = number;
      return true;
    }
    many_ = std::make_unique<std::bitset<65536>>();
    for (uint16_t n : few_)
      many_->set(n);
  }
  const bool is_new = !many_->test(number);
  many_->set(number);
  return is_new;
}

std::vector<uint16_t> numbers_of(std::span<const port_record> ports, const port_filter& wanted) {
  std::vector<uint16_t> out;
  number_set said;
  for (const port_record& p : ports)
    if (p.number != 0 && wanted.matches(p) && said.add(p.number))
      out.push_back(p.number);
  return out;
}

bool srv_set::add(dns::name_ref target, const kube::address* address) {
  if (full_)
    return false;
  if (lists_.back().empty())
    return work_.spend();
  if (glue_.size() >= most_records(out_))
    address = nullptr; // what does not fit now will not fit behind more SRV
  const auto [name, is_new] = number_of(target);
  last_ = name;
  full_ = !(is_new ? add_new(name, target, address) : add_again(name, target, address));
  return !full_ && !work_.spent();
}

bool srv_set::add_address(const kube::address& address) {
  if (!full_ && !lists_.back().empty() && glue_.size() < most_records(out_)) {
    note_again(last_);
    if (known_glue_.insert({last_, address}).second) {
      glue_.push_back({last_, address});
      return true;
    }
  }
  return !full_ && work_.spend(address_looks);
}

/// What was said of a name is entered when it comes again: most come once.
void srv_set::note_again(uint32_t name) {
  written& mine = written_[name];
  if (std::exchange(mine.again, true))
    return;
  if (known_glue_.empty()) // thousands may follow
    known_glue_.reserve(std::min(most_records(out_), usual_glue));
  for (const uint16_t number : lists_[mine.list])
    ports_.insert(uint64_t{name} << 16 | number);
  if (mine.glue < glue_.size())
    known_glue_.insert(glue_[mine.glue]);
}

bool srv_set::say(uint16_t number, dns::name_ref target, written& place) {
  return out_.srv(dns::section::answer, question_name(q_), ttl_, 0, weight_, number, target, &place.at);
}

bool srv_set::add_new(uint32_t name, dns::name_ref target, const kube::address* address) {
  constexpr size_t usual = 8;
  if (name == 0) {
    written_.reserve(usual);
    glue_.reserve(usual);
  }
  written& mine = written_.emplace_back();
  mine.tail = target.tail;
  mine.list = lists_.size() - 1;
  mine.glue = address ? glue_.size() : std::numeric_limits<size_t>::max();
  if (address)
    glue_.push_back({name, *address});
  return std::ranges::all_of(lists_.back(), [&](uint16_t number) { return say(number, target, mine); });
}

bool srv_set::add_again(uint32_t name, dns::name_ref target, const kube::address* address) {
  written& mine = written_[name];
  const auto is_new_port = [&](uint16_t number) { return ports_.insert(uint64_t{name} << 16 | number).second; };
  note_again(name);
  work_.spend(name_looks);
  if (mine.list != lists_.size() - 1) {
    mine.list = lists_.size() - 1;
    work_.spend(lists_.back().size());
    for (const uint16_t number : lists_.back())
      if (is_new_port(number) && !say(number, target, mine))
        return false;
  }
  if (address && known_glue_.insert({name, *address}).second)
    glue_.push_back({name, *address});
  return true;
}

label_set::place srv_set::number_of(dns::name_ref target) {
  if (target.tail != 0)
    return names_.add(target.labels);
  std::array<uint8_t, dns::max_name_octets> whole;
  std::ranges::copy(target.labels, whole.begin());
  whole[target.labels.size()] = 0;
  return names_.add(dns::name_view{whole}.first(target.labels.size() + 1));
}

dns::name_view srv_set::labels_of(uint32_t name) const noexcept {
  const dns::name_view all = names_[name];
  return written_[name].tail != 0 ? all : all.first(all.size() - 1);
}

bool srv_set::finish() {
  if (names_.size() == 0)
    return false;
  out_.authoritative();
  if (work_.spent())
    out_.truncated();
  for (size_t i = 0; i < glue_.size() && !full_; ++i)
    full_ = !write_glue(glue_[i]);
  return true;
}

bool srv_set::write_glue(const glue& g) {
  const auto write = [&](dns::name_ref owner) {
    return write_address(out_, dns::section::additional, owner, glue_ttl_, g.address);
  };
  const written& own = written_[g.name];
  if (own.at <= dns::max_pointer_target)
    return write({{}, own.at});
  // Too far behind for a pointer: what follows the first target's label is not.
  const dns::name_view labels = labels_of(g.name), first = labels_of(0);
  const size_t label = size_t{1} + labels[0], first_label = size_t{1} + first[0];
  if (own.tail == written_[0].tail && std::ranges::equal(labels.subspan(label), first.subspan(first_label)))
    return write({labels.first(label), static_cast<uint16_t>(written_[0].at + first_label)});
  return write({labels, own.tail});
}

} // namespace troupe::zone
