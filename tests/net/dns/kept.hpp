// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/kept_reply.hpp"
#include "replies.hpp"

#include <gtest/gtest.h>

/// Replies that were read, and what they say.
namespace troupe::dns::test {

inline constexpr uint16_t id = 0x1234;

inline kept_reply_ptr kept(const octets& reply, const query& q) {
  auto read = read_reply(reply, q, id);
  if (const auto* problem = std::get_if<reply_problem>(&read)) {
    ADD_FAILURE() << "refused: " << static_cast<int>(*problem);
    return std::make_shared<kept_reply>();
  }
  return std::get<kept_reply_ptr>(read);
}

inline message image_of(const kept_reply& r) {
  auto read = read_message(r.image);
  if (!std::holds_alternative<message>(read)) {
    ADD_FAILURE() << "the image cannot be read";
    return {};
  }
  return std::get<message>(std::move(read));
}

/// `owner TYPE` of every record; `|` before those of the authority section.
inline std::string records_of(const kept_reply& r) {
  const message m = image_of(r);
  EXPECT_TRUE(m[section::additional].empty());
  std::string text;
  for (const section where : {section::answer, section::authority})
    for (const char* before = where == section::authority ? "| " : ""; const auto& record : m[where]) {
      text += (text.empty() ? "" : " ") + std::string{before} + record.owner.to_text() + ' ' + type_text(record.type);
      before = "";
    }
  return text;
}

} // namespace troupe::dns::test
