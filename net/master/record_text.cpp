// SPDX-License-Identifier: Apache-2.0
#include "net/master/record_text.hpp"

#include "net/master/record_data.hpp"
#include "net/master/record_header.hpp"

namespace troupe::master {

std::variant<dns::record, std::string> record_from_text(std::string_view line, const dns::name& origin,
                                                        uint32_t default_ttl) {
  if (line.size() > max_record_text)
    return "dns: record longer than " + std::to_string(max_record_text) + " octets";
  entry_lexer lexer{line};
  const auto read = lexer.next();
  if (const auto* error = std::get_if<syntax_error>(&read))
    return error->to_text();
  const entry* const found = std::get<const entry*>(read);
  if (!found)
    return std::string{"dns: no record"};
  entry_context context{origin, origin, default_ttl, true, default_ttl};
  dns::record out;
  const auto header = read_header(*found, context, out);
  if (const auto* error = std::get_if<syntax_error>(&header))
    return error->to_text();
  const auto words = std::span{found->tokens}.subspan(std::get<size_t>(header));
  auto data = read_data_text(out.type, words, found->end, origin);
  if (const auto* error = std::get_if<syntax_error>(&data))
    return error->to_text();
  out.data = std::get<std::vector<uint8_t>>(std::move(data));
  const auto rest = lexer.next();
  if (const auto* error = std::get_if<syntax_error>(&rest))
    return error->to_text();
  if (const auto* more = std::get<const entry*>(rest))
    return error_about(more->tokens[0], "garbage after record").to_text();
  return out;
}

} // namespace troupe::master
