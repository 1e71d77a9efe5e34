// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/functions.hpp"

/// The values that go_cases.hpp was made with: a struct of the host's with fields, a method and a struct in it.
namespace troupe::templates::test {

struct question_struct final : object {
  std::string_view type() const noexcept override { return "*main.Question"; }
  std::optional<value> field(std::string_view name, workspace& work) const override {
    if (name == "Name")
      return templates::text("WWW.example.org.");
    if (name == "Qtype" || name == "Qclass")
      return natural(1, "uint16");
    if (name == "String")
      return templates::text(work.keep(text()));
    return std::nullopt;
  }
  std::string text() const override { return ";WWW.example.org.\tIN\t A"; }
};

inline outcome call_meta(const object*, std::span<const value> all, workspace&) {
  return text(all[0].get<std::string_view>()->empty() ? "" : "m");
}
inline constexpr parameter one_text[] = {parameter::text};
inline constexpr function meta{"Meta", one_text, {}, call_meta};

struct data_struct final : object {
  question_struct question;
  value match[6] = {templates::text("10-0-0-7.example.org."),
                    templates::text("10"),
                    templates::text("0"),
                    templates::text("0"),
                    templates::text("7f"),
                    templates::text("a<b>&'\"cé")};
  map_entry group[5] = {{"0", match[0]},
                        {"1", match[1]},
                        {"a", templates::text("10")},
                        {"b", templates::text("")},
                        {"hex", templates::text("7f")}};

  std::string_view type() const noexcept override { return "*main.templateData"; }
  std::optional<value> field(std::string_view name, workspace&) const override {
    constexpr std::pair<std::string_view, std::string_view> fields[] = {
      {"Zone", "example.org."}, {"Name", "www.example.org."},
      {"Class", "IN"},          {"Type", "A"},
      {"Remote", "127.0.0.1"},  {"Empty", ""}};
    for (const auto& [known, is] : fields)
      if (name == known)
        return templates::text(is);
    if (name == "Match")
      return texts(match);
    if (name == "Group")
      return text_map(group);
    return name == "Question" ? std::optional{host(question)} : std::nullopt;
  }
  const function* method(std::string_view name) const noexcept override { return name == "Meta" ? &meta : nullptr; }
  std::string text() const override { return "data"; }
};

} // namespace troupe::templates::test
