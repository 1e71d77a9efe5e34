// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/reading.hpp"

#include "net/kube/objects.hpp"

#include <algorithm>

namespace troupe::zone::test {

namespace {

class cursor {
public:
  explicit cursor(std::span<const uint8_t> wire) : wire_(wire) {}

  bool ok() const { return ok_; }
  size_t at() const { return at_; }
  uint8_t octet() { return at_ < wire_.size() ? wire_[at_++] : (ok_ = false, uint8_t{0}); }
  unsigned number(int octets) {
    unsigned n = 0;
    while (octets-- > 0)
      n = n << 8 | octet();
    return n;
  }

  std::string name() {
    std::vector<uint8_t> labels;
    size_t back = 0, jumps = 0, here = at_;
    for (;;) {
      if (here >= wire_.size() || jumps > 40 || labels.size() > 255)
        return ok_ = false, "";
      const uint8_t length = wire_[here];
      if (length >= 0xc0) {
        if (here + 1 >= wire_.size())
          return ok_ = false, "";
        back = back ? back : here + 2;
        here = (length & 0x3fu) << 8 | wire_[here + 1];
        ++jumps;
        continue;
      }
      if (length > 63 || here + 1 + length > wire_.size())
        return ok_ = false, "";
      labels.insert(labels.end(), wire_.begin() + static_cast<long>(here),
                    wire_.begin() + static_cast<long>(here) + 1 + length);
      here += 1u + length;
      if (length == 0)
        break;
    }
    at_ = back ? back : here;
    const auto name = dns::name::from_wire(labels);
    ok_ &= name.has_value();
    return name ? name->to_text() : "";
  }

private:
  std::span<const uint8_t> wire_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::string address(cursor& c, unsigned size) {
  kube::address a;
  a.v6 = size == 16;
  for (unsigned i = 0; i < size; ++i)
    a.octets[i] = c.octet();
  return a.to_text();
}

std::string data(cursor& c, unsigned type, unsigned size) {
  auto number = [&](int octets) { return std::to_string(c.number(octets)); };
  switch (type) {
  case 1:
    return "A " + address(c, 4);
  case 28:
    return "AAAA " + address(c, 16);
  case 2:
    return "NS " + c.name();
  case 5:
    return "CNAME " + c.name();
  case 12:
    return "PTR " + c.name();
  case 16: {
    std::string text;
    for (unsigned n = c.octet(); n-- > 0;)
      text.push_back(static_cast<char>(c.octet()));
    return "TXT " + text;
  }
  case 33: {
    std::string text = "SRV ";
    for (int i = 0; i < 3; ++i)
      text += number(2) + " ";
    return text + c.name();
  }
  case 6: {
    std::string text = "SOA " + c.name();
    text += " " + c.name();
    for (int i = 0; i < 5; ++i)
      text += " " + number(4);
    return text;
  }
  default:
    while (size-- > 0)
      c.octet();
    return "TYPE" + std::to_string(type);
  }
}

bool section(cursor& c, unsigned count, std::vector<std::string>& out) {
  while (count-- > 0 && c.ok()) {
    const std::string owner = c.name();
    const unsigned type = c.number(2), rrclass = c.number(2), ttl = c.number(4), size = c.number(2);
    const size_t begin = c.at();
    const std::string text = data(c, type, size);
    if (rrclass != 1 || c.at() != begin + size)
      return false;
    out.push_back(owner + " " + std::to_string(ttl) + " " + text);
  }
  return c.ok();
}

std::string joined(std::vector<std::string> records) {
  std::ranges::sort(records);
  std::string text;
  for (const std::string& r : records)
    text += (text.empty() ? "" : "; ") + r;
  return text;
}

} // namespace

std::string message::summary() const {
  const char* names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN"};
  std::string text = rcode >= 0 && rcode < 4 ? names[rcode] : std::to_string(rcode);
  text += std::string{aa ? " aa" : ""} + (tc ? " tc" : "") + (ra ? " ra" : "");
  return text + " | " + joined(answer) + " | " + joined(authority) + " | " + joined(additional);
}

std::optional<message> read(std::span<const uint8_t> wire) {
  cursor c{wire};
  message m;
  c.number(2);
  const unsigned flags = c.number(2);
  m.rcode = static_cast<int>(flags & 15);
  m.aa = flags & 0x400, m.tc = flags & 0x200, m.rd = flags & 0x100, m.ra = flags & 0x80;
  const unsigned questions = c.number(2), answers = c.number(2), authorities = c.number(2), additionals = c.number(2);
  if (questions != 1 || !(flags & 0x8000))
    return std::nullopt;
  m.question = c.name();
  c.number(4);
  if (!section(c, answers, m.answer) || !section(c, authorities, m.authority) ||
      !section(c, additionals, m.additional) || c.at() != wire.size())
    return std::nullopt;
  return m;
}

} // namespace troupe::zone::test
