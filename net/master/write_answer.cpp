// SPDX-License-Identifier: Apache-2.0
#include "net/master/zone_answer.hpp"

#include "net/dns/message_writer.hpp"

namespace troupe::master {

namespace {

uint16_t flags_of(const dns::query& q, const zone_answer& answer) noexcept {
  constexpr uint16_t copied = 0x7800 | dns::flag::rd | dns::flag::cd; // the opcode, too
  const bool referral = answer.result == zone_result::delegation && answer.answer.empty();
  dns::rcode code = answer.code;
  if (answer.result == zone_result::name_error)
    code = dns::rcode::nxdomain;
  if (answer.result == zone_result::failure)
    code = dns::rcode::servfail;
  return static_cast<uint16_t>(dns::flag::qr | (q.flags & copied) | (referral ? 0 : dns::flag::aa) |
                               static_cast<uint16_t>(code));
}

/// Writes rows while they fit.
class row_writer {
public:
  row_writer(const zone_table& zone, const dns::query& q, dns::message_writer& to) : zone_(zone), q_(q), to_(to) {}

  bool write(dns::section where, const std::vector<answer_row>& rows) {
    for (const answer_row& row : rows) {
      if (row.owner != answer_row::asked && (!has_name_ || row.owner != named_)) {
        name_ = row.type == zone_.soa().type ? zone_.soa().owner : name_of_key(zone_[row.owner].key(), zone_.apex());
        has_name_ = row.type != zone_.soa().type;
        named_ = row.owner;
      }
      // The name asked for is said in the client's own spelling.
      const bool is_asked = row.owner == answer_row::asked || dns::equal(name_.wire(), q_.name_lowered());
      const dns::record_view view{is_asked ? q_.name_as_sent() : name_.wire(), row.type, row.record.rrclass,
                                  row.record.ttl, row.record.data};
      if (!to_.add(where, view))
        return false;
    }
    return true;
  }

  bool write(dns::section where, const std::vector<dns::record>& records) {
    for (const dns::record& each : records)
      if (!to_.add(where, each))
        return false;
    return true;
  }

private:
  const zone_table& zone_;
  const dns::query& q_;
  dns::message_writer& to_;
  dns::name name_; ///< of `named_`
  uint32_t named_ = 0;
  bool has_name_ = false;
};

} // namespace

size_t write_zone_answer(const zone_table& zone, const dns::query& q, const zone_answer& answer, std::span<uint8_t> out,
                         size_t& uncompressed) {
  dns::message_writer writer{out, q.id, flags_of(q, answer)};
  const auto asked = dns::name::from_wire(q.name_as_sent());
  if (!asked || !writer.ask({*asked, q.qtype, q.qclass}))
    return 0;
  row_writer rows{zone, q, writer};
  using dns::section;
  // What does not fit ends the message: a later, smaller record would be missed by nobody.
  rows.write(section::answer, answer.answer) && rows.write(section::answer, answer.chased) &&
    rows.write(section::authority, answer.authority) && rows.write(section::additional, answer.additional);
  uncompressed = writer.uncompressed_size();
  return writer.size();
}

} // namespace troupe::master
