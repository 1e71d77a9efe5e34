// SPDX-License-Identifier: Apache-2.0
#include "questions.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

namespace troupe::bench {
namespace {

constexpr struct {
  std::string_view name;
  uint16_t code;
} types[] = {{"A", 1},    {"NS", 2},    {"SOA", 6},  {"PTR", 12},  {"MX", 15},
             {"TXT", 16}, {"AAAA", 28}, {"SRV", 33}, {"HTTPS", 65}};

constexpr size_t first_label = 12; // in the packet

/// 0 if there is no such type here.
uint16_t type_code(std::string_view name) {
  for (auto& type : types)
    if (type.name == name)
      return type.code;
  return 0;
}

void put16(std::vector<uint8_t>& out, uint16_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

/// Appends a name without escapes; false if a label is empty or too long.
bool put_name(std::vector<uint8_t>& out, std::string_view text) {
  while (!text.empty()) {
    auto label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > 63)
      return false;
    out.push_back(static_cast<uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    text.remove_prefix(std::min(text.size(), label.size() + 1));
  }
  out.push_back(0);
  return true;
}

bool encode(question& q, std::string_view name, uint16_t type, uint16_t edns_octets) {
  q.wire = {0, 0, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, static_cast<uint8_t>(edns_octets != 0)}; // RD
  if (type == 0 || !put_name(q.wire, name))
    return false;
  put16(q.wire, type);
  put16(q.wire, 1);
  if (edns_octets) { // OPT (RFC 6891 section 6.1.2): root, 41, size, rcode and flags, no data
    q.wire.push_back(0);
    put16(q.wire, 41);
    put16(q.wire, edns_octets);
    q.wire.insert(q.wire.end(), 6, 0);
  }
  return true;
}

} // namespace

std::vector<question> read_questions(const std::string& file, uint16_t edns_octets, bool fresh) {
  std::ifstream in(file);
  std::vector<question> result;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::istringstream words(line);
    std::string name, type;
    if (!(words >> name >> type))
      continue;
    unsigned rcode = 0, answers = 1;
    words >> rcode >> answers;
    question q;
    q.rcode = static_cast<uint8_t>(rcode);
    q.answers = static_cast<uint16_t>(answers);
    if (!encode(q, name, type_code(type), edns_octets)) {
      std::fprintf(stderr, "%s:%d - not a question: want NAME TYPE [RCODE [ANSWERS]]\n", file.c_str(), number);
      std::exit(2);
    }
    if (fresh && q.wire[first_label] != fresh_label_octets) {
      std::fprintf(stderr, "%s:%d - its first label is to be written over and must have %zu octets\n", file.c_str(),
                   number, fresh_label_octets);
      std::exit(2);
    }
    result.push_back(std::move(q));
  }
  if (result.empty()) {
    std::fprintf(stderr, "%s - no questions in it, or it cannot be read\n", file.c_str());
    std::exit(2);
  }
  return result;
}

} // namespace troupe::bench
