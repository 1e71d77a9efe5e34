// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/log_format.hpp"

#include "actors/stages/metadata.hpp"
#include "config/directives/log.hpp"
#include "net/dns/message_size.hpp"
#include "net/dns/response.hpp"

#include <charconv>
#include <utility>

namespace troupe {

namespace {

void append_number(std::string& out, uint64_t value) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// Seconds with as many digits as it takes, never with an exponent.
void append_seconds(std::string& out, std::chrono::nanoseconds value) {
  char text[400];
  const double seconds = std::chrono::duration<double>(value).count();
  out.append(text, std::to_chars(text, text + sizeof text, seconds, std::chars_format::fixed).ptr);
  out += 's';
}

void append_address(std::string& out, std::string_view address) {
  const bool brackets = address.find(':') != address.npos; // RFC 3986 section 3.2.2
  out += brackets ? "[" : "";
  out += address;
  out += brackets ? "]" : "";
}

void append_flags(std::string& out, std::span<const uint8_t> response) {
  if (response.size() < dns::header_octets) {
    out += '-';
    return;
  }
  constexpr std::pair<uint16_t, std::string_view> names[] = {
    {dns::flag::qr, "qr"}, {dns::flag::aa, "aa"}, {dns::flag::tc, "tc"}, {dns::flag::rd, "rd"},
    {dns::flag::ra, "ra"}, {dns::flag::z, "z"},   {dns::flag::ad, "ad"}, {dns::flag::cd, "cd"}};
  const unsigned flags = response[2] << 8 | response[3];
  bool first = true;
  for (const auto& [bit, name] : names) {
    if (!(flags & bit))
      continue;
    out += first ? "" : ",";
    out += name;
    first = false;
  }
}

std::string_view class_word(uint8_t of) noexcept {
  namespace log_class = config::log_class;
  return of == log_class::success ? "success" : of == log_class::denial ? "denial" : "error";
}

/// `log` itself knows the first two, where anybody has labels.
std::string label_in(const question_labels& labels, std::string_view label, const log_facts& facts) {
  if (label == "log/type" && labels.any())
    return std::string{response_type(facts.query, facts.response, facts.rcode)};
  if (label == "log/class" && labels.any())
    return std::string{class_word(response_class(facts.query, facts.response, facts.rcode))};
  return labels.find(label).value_or("-");
}

} // namespace

log_format::kind log_format::kind_of(std::string_view word) noexcept {
  constexpr std::pair<std::string_view, kind> words[] = {
    {"{type}", kind::type},      {"{name}", kind::name},     {"{class}", kind::qclass},
    {"{proto}", kind::proto},    {"{size}", kind::size},     {"{remote}", kind::remote},
    {"{port}", kind::port},      {"{local}", kind::local},   {"{>id}", kind::id},
    {"{>opcode}", kind::opcode}, {"{>do}", kind::dnssec_ok}, {"{>bufsize}", kind::bufsize},
    {"{rcode}", kind::rcode},    {"{rsize}", kind::rsize},   {"{duration}", kind::duration},
    {"{>rflags}", kind::rflags}};
  for (const auto& [text, what] : words) {
    if (text == word)
      return what;
  }
  return word.starts_with("{/") ? kind::metadata : kind::text;
}

log_format::log_format(std::string_view format) {
  const auto add_text = [this](std::string_view text) {
    if (pieces_.empty() || pieces_.back().what != kind::text)
      pieces_.push_back({kind::text, {}});
    pieces_.back().text += text;
  };
  while (!format.empty()) {
    const size_t close = format.find('}');
    const size_t open = close == format.npos ? format.npos : format.substr(0, close).rfind('{');
    const size_t end = close == format.npos ? format.size() : close + 1;
    const kind what = open == format.npos ? kind::text : kind_of(format.substr(open, end - open));
    if (const auto text = format.substr(0, what == kind::text ? end : open); !text.empty())
      add_text(text);
    if (what == kind::metadata)
      pieces_.push_back({what, std::string{format.substr(open + 2, end - open - 3)}});
    else if (what != kind::text)
      pieces_.push_back({what, {}});
    format.remove_prefix(end);
  }
}

void log_format::append(std::string& out, const log_facts& facts) const {
  for (const piece& p : pieces_) {
    if (p.what == kind::text)
      out += p.text;
    else if (p.what == kind::metadata)
      out += facts.labels ? label_in(*facts.labels, p.text, facts) : "-";
    else
      append_value(out, p.what, facts);
  }
}

void log_format::append_value(std::string& out, kind what, const log_facts& facts) {
  const dns::query& q = facts.query;
  switch (what) {
  case kind::type:
    out += type_text(q.qtype);
    return;
  case kind::name:
    out += dns::to_text(q.name_lowered());
    return;
  case kind::qclass:
    out += class_text(q.qclass);
    return;
  case kind::proto:
    out += text(facts.protocol);
    return;
  case kind::size:
    append_number(out, q.message_octets);
    return;
  case kind::remote:
    append_address(out, facts.remote);
    return;
  case kind::port:
    append_number(out, facts.port);
    return;
  case kind::local:
    append_address(out, facts.local);
    return;
  case kind::id:
    append_number(out, q.id);
    return;
  case kind::opcode:
    append_number(out, static_cast<uint64_t>(q.op()));
    return;
  case kind::dnssec_ok:
    out += q.edns.dnssec_ok ? "true" : "false";
    return;
  case kind::bufsize:
    append_number(out, dns::client_limit(q, facts.protocol));
    return;
  case kind::rcode:
    out += facts.response.empty() ? "-" : rcode_text(facts.rcode);
    return;
  case kind::rsize:
    append_number(out, facts.streamed_octets != 0 ? facts.streamed_octets : dns::uncompressed_size(facts.response));
    return;
  case kind::duration:
    append_seconds(out, facts.duration);
    return;
  case kind::rflags:
    append_flags(out, facts.response);
    return;
  case kind::metadata:
  case kind::text:
    out += '-';
    return;
  }
}

std::string error_line(const dns::query& query, dns::rcode rcode, std::string_view reason) {
  std::string line = std::to_string(static_cast<unsigned>(rcode)) + " " + dns::to_text(query.name_lowered()) + " " +
                     type_text(query.qtype) + ": ";
  return line.append(reason);
}

} // namespace troupe
