// SPDX-License-Identifier: Apache-2.0
#include "config/directives/view.hpp"

#include "config/dispenser.hpp"
#include "config/go_regexp.hpp"
#include "config/go_regexp_error.hpp"
#include "config/plan.hpp"

namespace troupe::config {

const expressions::surroundings& view_surroundings() {
  using expressions::type;
  static const expressions::surroundings all{{{"incidr", {type::text, type::text}, type::boolean},
                                              {"metadata", {type::text}, type::text},
                                              {"type", {}, type::text},
                                              {"name", {}, type::text},
                                              {"class", {}, type::text},
                                              {"proto", {}, type::text},
                                              {"size", {}, type::integer},
                                              {"client_ip", {}, type::text},
                                              {"port", {}, type::text},
                                              {"id", {}, type::integer},
                                              {"opcode", {}, type::integer},
                                              {"do", {}, type::boolean},
                                              {"bufsize", {}, type::integer},
                                              {"server_ip", {}, type::text},
                                              {"server_port", {}, type::text}},
                                             re2_of,
                                             go_error_text};
  return all;
}

failure parse_view(dispenser& in, setup& s) {
  const auto args = in.arguments();
  if (args.size() != 1)
    return in.argument_error();
  s.block.view = args[0];
  auto& options = s.block.own<view_options>("view");
  while (in.next_property()) {
    if (in.word() != "expr")
      return in.unknown_property();
    std::string text;
    for (const auto& word : in.arguments())
      text += (text.empty() ? "" : " ") + word;
    auto made = expressions::expression::compile(text, view_surroundings());
    if (const auto* problem = std::get_if<std::string>(&made))
      return in.error(*problem);
    options.conditions.push_back(std::get<expressions::expression>(std::move(made)));
  }
  return std::nullopt;
}

} // namespace troupe::config
