// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"

#include "net/dns/wire.hpp"

#include <algorithm>

namespace troupe::dns {

namespace {

/// Goes through a message once, front to back; `error` is set where it stopped.
class reader {
public:
  explicit reader(std::span<const uint8_t> octets) noexcept : octets_(octets) {}

  bool read(message_view& out) {
    names_ = &out.names;
    if (octets_.size() < header_octets)
      return fail(0, "shorter than a header");
    if (octets_.size() > max_message_octets)
      return fail(max_message_octets, "longer than 65535 octets");
    out.id = get16(&octets_[0]);
    out.flags = get16(&octets_[2]);
    for (unsigned i = get16(&octets_[4]); i > 0; --i)
      if (!read_question(out.questions.emplace_back()))
        return false;
    if (!out.questions.empty())
      first_ = out.questions.front().owner.wire();
    for (size_t where = 0; where < out.sections.size(); ++where)
      if (!read_section(get16(&octets_[6 + 2 * where]), out.sections[where]))
        return false;
    return at_ == octets_.size() || fail(at_, "octets behind the last record");
  }

  message_error error() const noexcept { return error_; }

private:
  bool fail(size_t at, const char* what) noexcept {
    error_ = {at, what};
    return false;
  }

  bool read_question(question& out) noexcept {
    const size_t behind = read_name(octets_, at_, out.owner);
    if (behind == 0)
      return fail(at_, "malformed name in a question");
    if (octets_.size() - behind < 4)
      return fail(behind, "question without type or class");
    out.type = get16(&octets_[behind]);
    out.rrclass = get16(&octets_[behind + 2]);
    at_ = behind + 4;
    return true;
  }

  bool read_section(size_t count, std::vector<record_view>& out) {
    // A count may lie; no more memory is set aside than the octets left could fill.
    out.reserve(std::min(count, (octets_.size() - at_) / min_record_octets));
    for (; count > 0; --count)
      if (!read_record(out.emplace_back())) {
        out.pop_back(); // what is in front of it is whole
        return false;
      }
    return true;
  }

  /// Nearly all records of a reply are owned by the question's name and point there; else those of a set point to the
  /// same place.
  size_t read_owner(name_view& out) {
    const uint16_t word = octets_.size() - at_ >= 2 ? get16(&octets_[at_]) : 0;
    size_t behind = at_ + sizeof word;
    if (!first_.empty() && word == pointer_to_question) {
      out = first_;
      return behind;
    }
    if (word < 0xc000 || word != last_.pointer) {
      const auto read = read_name(octets_, at_, names_->room(max_name_octets));
      if (read.behind == 0)
        return 0;
      behind = read.behind;
      last_ = {word, names_->keep(read.size), read.labels};
    }
    out = last_.is;
    labels_ += last_.labels;
    return behind;
  }

  bool read_record(record_view& out) {
    const size_t fixed = read_owner(out.owner);
    if (fixed == 0)
      return fail(at_, "malformed owner of a record");
    if (octets_.size() - fixed < record_fixed_octets)
      return fail(fixed, "record cut short");
    out.type = get16(&octets_[fixed]);
    out.rrclass = get16(&octets_[fixed + 2]);
    out.ttl = get32(&octets_[fixed + 4]);
    const size_t data = fixed + record_fixed_octets, length = get16(&octets_[fixed + 8]);
    if (octets_.size() - data < length)
      return fail(data, "record data longer than the message");
    const auto labels = read_data(octets_, data, data + length, out, *names_);
    if (!labels)
      return fail(data, "record data not as its type wants it");
    labels_ += *labels;
    if (labels_ > max_message_labels)
      return fail(at_, "names of too many labels");
    at_ = data + length;
    return true;
  }

  std::span<const uint8_t> octets_;
  size_t at_ = header_octets;
  octet_blocks* names_ = nullptr;
  name_view first_; ///< the first question's
  struct {
    uint16_t pointer = 0; ///< if it is one
    name_view is;
    uint8_t labels = 0;
  } last_;            ///< the owner that was read last
  size_t labels_ = 0; ///< in names of records so far
  message_error error_;
};

record owned(const record_view& r) {
  return {*name::from_wire(r.owner), r.type, r.rrclass, r.ttl, {r.data.begin(), r.data.end()}};
}

} // namespace

std::variant<message_view, message_error> view_message(std::span<const uint8_t> octets) {
  message_view result;
  reader r(octets);
  if (!r.read(result))
    return r.error();
  return result;
}

std::variant<message, message_error> read_message(std::span<const uint8_t> octets) {
  auto read = view_message(octets);
  if (const auto* error = std::get_if<message_error>(&read))
    return *error;
  auto& from = std::get<message_view>(read);
  message result{from.id, from.flags, std::move(from.questions), {}};
  for (size_t where = 0; where < from.sections.size(); ++where)
    std::ranges::transform(from.sections[where], std::back_inserter(result.sections[where]), owned);
  return result;
}

message_view view_cut_message(std::span<const uint8_t> octets) {
  message_view result;
  reader{octets}.read(result);
  return result;
}

} // namespace troupe::dns
