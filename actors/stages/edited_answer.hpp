// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/questions/message_buffer.hpp"
#include "net/batch.hpp"
#include "net/dns/edns_options.hpp"
#include "net/dns/message.hpp"
#include "net/dns/message_size.hpp"
#include "net/dns/message_writer.hpp"

namespace troupe {

/// Writes `message` as the slot's answer, names compressed; what does not fit is left out, and TC says so. False: not
/// even its question fits, and nothing is changed. Thread: the slot's home loop.
inline bool keep_message(net::batch& home, net::slot& slot, const dns::message& message) {
  const auto written = scratch_message().first(dns::write_message(message, scratch_message()));
  if (written.empty())
    return false;
  home.keep(slot, written, dns::uncompressed_size(written));
  return true;
}

/// Says with the slot's answer, which is there, why it is what it is (RFC 8914), if the client knows EDNS.
inline void add_extended_error(net::batch& home, net::slot& slot, uint16_t code, std::string_view text = {}) {
  std::vector<uint8_t> data{static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code)};
  data.insert(data.end(), text.begin(), text.end());
  home.add_option(slot, static_cast<uint16_t>(dns::edns_option::extended_error), data);
}

/// For response functions: reads the slot's answer, has `edit(dns::message&)` change it and writes it again unless that
/// says false. Header flags and the low four bits of the code stand in `message.flags`; the OPT comes later and is not
/// there. Answers of many messages, and those that cannot be read, stay as they are.
template <class Edit>
void edit_answer(net::batch& home, net::slot& slot, Edit&& edit) {
  if (slot.state != net::slot_state::answered || slot.rest || slot.streamed)
    return;
  auto read = dns::read_message(slot.message());
  if (auto* message = std::get_if<dns::message>(&read); message && edit(*message))
    keep_message(home, slot, *message);
}

} // namespace troupe
