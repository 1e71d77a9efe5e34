// SPDX-License-Identifier: Apache-2.0
#include "net/dns/response.hpp"

#include "net/dns/wire.hpp"

#include <algorithm>

namespace troupe::dns {

namespace {

constexpr size_t max_string_octets = 255; // RFC 1035 section 3.3

constexpr size_t count_offset(section where) noexcept {
  return 6 + 2 * static_cast<size_t>(where);
}

/// The second header word of a response: a foreign opcode gets none of its flags back.
uint16_t response_flags(const query& q) noexcept {
  constexpr uint16_t opcode_bits = 0x7800;
  const uint16_t copied = q.op() == opcode::query ? flag::rd | flag::cd : opcode_bits;
  return static_cast<uint16_t>(flag::qr | (q.flags & copied));
}

} // namespace

response::response(std::span<uint8_t> out, const query& q) noexcept
  : out_(out.first(std::min(out.size(), max_message_octets))) {
  const bool asked = q.qname_octets != 0 && q.op() == opcode::query;
  const size_t needed = header_octets + (asked ? size_t{q.qname_octets} + 4 : 0);
  if (out_.size() < needed) { // nothing fits then, and every function below refuses
    out_ = {};
    return;
  }
  uint8_t* p = put16(out_.data(), q.id);
  p = put16(p, response_flags(q));
  p = put16(p, asked ? 1 : 0);
  p = put16(put32(p, 0), 0);
  if (asked) {
    behind_name_ = question_offset + size_t{q.qname_octets};
    p = put_octets(p, q.name_as_sent());
    put16(put16(p, q.qtype), q.qclass);
  }
  size_ = needed;
}

void response::authoritative() noexcept {
  if (size_ != 0)
    out_[2] |= flag::aa >> 8;
}

void response::recursion_available() noexcept {
  if (size_ != 0)
    out_[3] |= flag::ra;
}

void response::truncated() noexcept {
  if (size_ != 0)
    out_[2] |= flag::tc >> 8;
}

void response::code(rcode value) noexcept {
  if (size_ != 0)
    out_[3] = static_cast<uint8_t>((out_[3] & 0xf0) | (static_cast<uint16_t>(value) & 15));
}

uint16_t response::count(section where) const noexcept {
  return size_ == 0 ? 0 : get16(&out_[count_offset(where)]);
}

bool response::has_room(const uint8_t* at, size_t octets) const noexcept {
  return static_cast<size_t>(out_.data() + out_.size() - at) >= octets;
}

/// Copies the name that stands at `tail`; bounded although the message is our own. nullptr if it does not fit.
uint8_t* response::put_expanded(uint8_t* at, size_t tail, size_t octets_before) const noexcept {
  const size_t written = static_cast<size_t>(at - out_.data());
  for (size_t octets = octets_before; tail < written;) {
    const uint8_t length = out_[tail];
    if (length >= 0xc0) {
      const size_t target = get16(&out_[tail]) & max_pointer_target;
      if (target >= tail)
        return nullptr;
      tail = target;
      continue;
    }
    const size_t step = size_t{1} + length;
    octets += step;
    if (octets > max_name_octets || tail + step > written || !has_room(at, step))
      return nullptr;
    at = put_octets(at, out_.subspan(tail, step));
    if (length == 0)
      return at;
    tail += step;
  }
  return nullptr;
}

/// Octets of the name that stands at `tail`.
size_t response::length_at(size_t tail) const noexcept {
  size_t octets = 0;
  while (tail >= behind_name_ && tail < out_.size()) {
    const uint8_t length = out_[tail];
    if (length >= 0xc0) {
      const size_t target = get16(&out_[tail]) & max_pointer_target;
      if (target >= tail)
        return octets;
      tail = target;
      continue;
    }
    octets += size_t{1} + length;
    if (length == 0)
      return octets;
    tail += size_t{1} + length;
  }
  return octets + (behind_name_ - std::min(tail, behind_name_));
}

size_t response::length_behind(uint16_t tail) noexcept {
  if (tail != last_tail_) {
    last_tail_ = tail;
    last_length_ = length_at(tail);
  }
  return last_length_;
}

uint8_t* response::put_name(uint8_t* at, name_ref name, bool compress) noexcept {
  if (!has_room(at, name.labels.size() + 2))
    return nullptr;
  if (!name.labels.empty()) // most owners are a mere pointer
    at = put_octets(at, name.labels);
  if (name.tail == 0) {
    *at = 0;
    return at + 1;
  }
  if (compress && name.tail <= max_pointer_target) {
    saved_by_record_ += (name.tail < behind_name_ ? behind_name_ - name.tail : length_behind(name.tail)) - 2;
    return put16(at, static_cast<uint16_t>(0xc000 | name.tail));
  }
  return put_expanded(at, name.tail, name.labels.size());
}

/// Writes all but the data's length; returns where the data begins, nullptr if that much does not fit.
uint8_t* response::begin_record(name_ref owner, uint16_t type, uint16_t rrclass, uint32_t ttl) noexcept {
  saved_by_record_ = 0;
  uint8_t* at = put_name(out_.data() + size_, owner, true);
  if (at == nullptr || !has_room(at, record_fixed_octets))
    return nullptr;
  at = put32(put16(put16(at, type), rrclass), ttl);
  return at + 2;
}

/// Counts the record, or sets TC where `data` or `end` say that it did not fit.
bool response::end_record(section where, uint8_t* data, uint8_t* end) noexcept {
  if (data == nullptr || end == nullptr || end - data > 0xffff) {
    truncated();
    out_ = out_.first(size_);
    return false;
  }
  put16(data - 2, static_cast<uint16_t>(end - data));
  uint8_t* const counter = &out_[count_offset(where)];
  put16(counter, static_cast<uint16_t>(get16(counter) + 1));
  size_ = static_cast<size_t>(end - out_.data());
  saved_ += saved_by_record_;
  return true;
}

bool response::raw(section where, name_ref owner, uint16_t type, uint16_t rrclass, uint32_t ttl,
                   std::span<const uint8_t> octets) noexcept {
  uint8_t* const data = begin_record(owner, type, rrclass, ttl);
  uint8_t* const end = data != nullptr && has_room(data, octets.size()) ? put_octets(data, octets) : nullptr;
  return end_record(where, data, end);
}

bool response::a(section where, name_ref owner, uint32_t ttl, const std::array<uint8_t, 4>& address) noexcept {
  return raw(where, owner, static_cast<uint16_t>(rrtype::a), static_cast<uint16_t>(rrclass::in), ttl, address);
}

bool response::aaaa(section where, name_ref owner, uint32_t ttl, const std::array<uint8_t, 16>& address) noexcept {
  return raw(where, owner, static_cast<uint16_t>(rrtype::aaaa), static_cast<uint16_t>(rrclass::in), ttl, address);
}

bool response::name_data(section where, name_ref owner, rrtype type, uint32_t ttl, name_ref target,
                         uint16_t* written) noexcept {
  uint8_t* const data = begin_record(owner, static_cast<uint16_t>(type), static_cast<uint16_t>(rrclass::in), ttl);
  // RFC 6672 section 2.5: DNAME's target is not compressed.
  if (!end_record(where, data, data == nullptr ? nullptr : put_name(data, target, type != rrtype::dname)))
    return false;
  if (written != nullptr)
    *written = static_cast<uint16_t>(data - out_.data());
  return true;
}

bool response::srv(section where, name_ref owner, uint32_t ttl, uint16_t priority, uint16_t weight, uint16_t port,
                   name_ref target, uint16_t* written) noexcept {
  uint8_t* const data =
    begin_record(owner, static_cast<uint16_t>(rrtype::srv), static_cast<uint16_t>(rrclass::in), ttl);
  uint8_t* end = nullptr;
  if (data != nullptr && has_room(data, 6))
    end = put_name(put16(put16(put16(data, priority), weight), port), target, false);
  if (!end_record(where, data, end))
    return false;
  if (written != nullptr)
    *written = static_cast<uint16_t>(data + 6 - out_.data());
  return true;
}

bool response::soa(section where, name_ref owner, uint32_t ttl, const soa_fields& soa) noexcept {
  uint8_t* const data =
    begin_record(owner, static_cast<uint16_t>(rrtype::soa), static_cast<uint16_t>(rrclass::in), ttl);
  uint8_t* end = data == nullptr ? nullptr : put_name(data, soa.mname, true);
  if (end != nullptr)
    end = put_name(end, soa.rname, true);
  if (end != nullptr && has_room(end, 20))
    end = put32(put32(put32(put32(put32(end, soa.serial), soa.refresh), soa.retry), soa.expire), soa.minimum);
  else
    end = nullptr;
  return end_record(where, data, end);
}

bool response::txt(section where, name_ref owner, uint32_t ttl, std::string_view text) noexcept {
  uint8_t* const data =
    begin_record(owner, static_cast<uint16_t>(rrtype::txt), static_cast<uint16_t>(rrclass::in), ttl);
  uint8_t* end = data;
  do {
    const auto part = text.substr(0, max_string_octets);
    if (end == nullptr || !has_room(end, part.size() + 1)) {
      end = nullptr;
      break;
    }
    *end++ = static_cast<uint8_t>(part.size());
    end = put_octets(end, {reinterpret_cast<const uint8_t*>(part.data()), part.size()});
    text.remove_prefix(part.size());
  } while (!text.empty());
  return end_record(where, data, end);
}

} // namespace troupe::dns
