// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/message.hpp"

#include <random>

/// Random messages for tests, well-formed in every record.
namespace troupe::dns::test {

class random_message {
public:
  explicit random_message(unsigned seed, bool mixed_case = true) : random_(seed), mixed_case_(mixed_case) {}

  /// At most `records` in each section, of the types in `types`.
  message make(size_t records, const std::vector<uint16_t>& types) {
    message m;
    m.id = number16();
    m.flags = static_cast<uint16_t>(flag::qr | (number16() & 0x0530));
    m.questions.push_back({make_name(), pick(types), 1});
    for (auto& section : m.sections)
      for (size_t i = random_() % (records + 1); i > 0; --i)
        section.push_back(make_record(pick(types)));
    return m;
  }

  record make_record(uint16_t type) {
    record r{make_name(), type, 1, static_cast<uint32_t>(random_() & 0x7fffffff), {}};
    for (const char* f = data_layout(type, 1); *f != '\0'; ++f)
      append(r.data, field{*f});
    return r;
  }

  /// From few labels, so that names share suffixes, now and then one of any octets.
  name make_name() {
    static constexpr const char* labels[] = {"local", "cluster", "Svc", "svc", "default", "web", "a", "_http", "_tcp"};
    name n;
    for (size_t i = random_() % 7; i > 0; --i) {
      if (random_() % 10 == 0) {
        std::string any(1 + random_() % 20, '\0');
        for (auto& c : any)
          c = static_cast<char>(random_());
        n.prepend(any);
      } else {
        n.prepend(labels[random_() % std::size(labels)]);
      }
    }
    return mixed_case_ ? n : n.lowered();
  }

private:
  uint16_t number16() { return static_cast<uint16_t>(random_()); }

  uint16_t pick(const std::vector<uint16_t>& types) { return types[random_() % types.size()]; }

  void append(std::vector<uint8_t>& data, field what) {
    switch (what) {
    case field::octet:
      return append_octets(data, 1);
    case field::word:
      return append_octets(data, 2);
    case field::quad:
      return append_octets(data, 4);
    case field::address6:
      return append_octets(data, 16);
    case field::name:
    case field::whole_name: {
      const name n = make_name();
      data.insert(data.end(), n.wire().begin(), n.wire().end());
      return;
    }
    case field::string:
      return append_string(data);
    case field::strings:
      for (size_t i = 1 + random_() % 3; i > 0; --i)
        append_string(data);
      return;
    case field::rest:
      return append_octets(data, random_() % 40);
    }
  }

  void append_octets(std::vector<uint8_t>& data, size_t count) {
    for (; count > 0; --count)
      data.push_back(static_cast<uint8_t>(random_()));
  }

  void append_string(std::vector<uint8_t>& data) {
    const auto size = static_cast<uint8_t>(random_() % (random_() % 8 == 0 ? 256 : 20));
    data.push_back(size);
    append_octets(data, size);
  }

  std::mt19937 random_;
  bool mixed_case_;
};

} // namespace troupe::dns::test
