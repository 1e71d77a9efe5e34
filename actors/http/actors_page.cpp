// SPDX-License-Identifier: Apache-2.0
#include "actors/http/actors_page.hpp"

#include "actors/http/utf8.hpp"

#include <fmt/format.h>

#include <iterator>

namespace troupe {

namespace {

std::string html_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

constexpr std::string_view html_head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>actors</title><style>
body { font: 14px sans-serif; margin: 1em } table { border-collapse: collapse }
th, td { padding: 2px 10px; text-align: right; border-bottom: 1px solid #ddd }
th.t, td.t { text-align: left } tr.bad td { background: #fdd }
</style></head><body>
<p>The same as JSON: <a href="/actors">/actors</a></p>
<table><tr><th class="t">name</th><th class="t">kind</th><th class="t">parent</th><th>loop</th><th class="t">state</th>
<th>messages</th><th>queries</th><th>&micro;s a message</th><th>mailbox</th><th>peak</th><th>restarts</th>
<th class="t">last failure</th><th class="t">detail</th></tr>
)";

} // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  const std::string valid = valid_utf8(text);
  for (unsigned char c : valid) {
    if (c == '"' || c == '\\')
      (out += '\\') += static_cast<char>(c);
    else if (c == '\n')
      out += "\\n";
    else if (c < 0x20)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    else
      out += static_cast<char>(c);
  }
  return out += '"';
}

std::string actors_json(const std::vector<actor_info>& actors) {
  std::string out = "{\"actors\":[";
  for (auto& a : actors) {
    if (&a != &actors.front())
      out += ',';
    fmt::format_to(
      std::back_inserter(out),
      R"({{"name":{},"kind":{},"parent":{},"loop":{},"state":{},"messages":{},"queries":{},)"
      R"("processing_ns":{},"mailbox":{{"now":{},"peak":{}}},"restarts":{},"last_failure":{}{}}})",
      json_string(a.name), json_string(a.kind), json_string(a.parent), a.loop ? std::to_string(*a.loop) : "null",
      json_string(a.state), a.messages, a.queries, a.processing_ns, a.mailbox_now, a.mailbox_peak, a.restarts,
      a.last_failure ? json_string(*a.last_failure) : "null", a.detail ? ",\"detail\":" + json_string(*a.detail) : "");
  }
  return out += "]}\n";
}

std::string actors_html(const std::vector<actor_info>& actors) {
  std::string out{html_head};
  for (auto& a : actors)
    fmt::format_to(
      std::back_inserter(out),
      "<tr{}><td class=\"t\">{}</td><td class=\"t\">{}</td><td class=\"t\">{}</td><td>{}</td>"
      "<td class=\"t\">{}</td><td>{}</td><td>{}</td><td>{:.2f}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td class=\"t\">{}</td><td class=\"t\">{}</td></tr>\n",
      a.state == "running" ? "" : " class=\"bad\"", html_text(a.name), html_text(a.kind), html_text(a.parent),
      a.loop ? std::to_string(*a.loop) : "–", html_text(a.state), a.messages, a.queries,
      a.messages ? static_cast<double>(a.processing_ns) / 1e3 / static_cast<double>(a.messages) : 0.0, a.mailbox_now,
      a.mailbox_peak, a.restarts, html_text(a.last_failure.value_or("")), html_text(a.detail.value_or("")));
  return out += "</table></body></html>\n";
}

http_routes actors_routes(const std::function<std::vector<actor_info>()>& collect) {
  return {
    {"/actors",
     [collect] {
       return http_response{200, "application/json", actors_json(collect())};
     }},
    {"/",
     [collect] {
       return http_response{200, "text/html; charset=utf-8", actors_html(collect())};
     }},
  };
}

} // namespace troupe
