// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/metadata.hpp"
#include "config/directives/template.hpp"
#include "net/slot.hpp"
#include "net/template/value.hpp"

namespace troupe {

/// `.Question`, and the one of `.Message.Question`: the question as it came.
class question_value final : public templates::object {
public:
  question_value(const dns::query& query, std::string_view type) : query_(query), type_(type) {}
  std::string_view type() const noexcept override { return type_; }
  std::optional<templates::value> field(std::string_view name, templates::workspace& work) const override;
  std::string text() const override;

private:
  const dns::query& query_;
  std::string_view type_;
};

/// `.Message`: header and question. Its sections are empty; `.Extra` and methods are not there.
class message_value final : public templates::object {
public:
  explicit message_value(const dns::query& query) : query_(query) {}
  std::string_view type() const noexcept override { return "*dns.Msg"; }
  std::optional<templates::value> field(std::string_view name, templates::workspace& work) const override;
  std::string text() const override;

private:
  const dns::query& query_;
  question_value question_{query_, "dns.Question"};
  templates::value questions_[1] = {templates::host(question_)};
};

/// What a template of CoreDNS finds: `.Zone`, `.Name`, `.Group`, … All of it lives as long as this; slot, options and
/// name longer.
class template_values final : public templates::object {
public:
  /// `name`: that of the question as text, lowered. `groups`: what each group of `match` found. `labels`: lives longer.
  template_values(const config::template_options& use, const net::slot& slot, std::string_view zone,
                  std::string_view name, const config::template_match& match, std::span<const std::string_view> groups,
                  const question_labels& labels);

  std::string_view type() const noexcept override { return "*template.templateData"; }
  std::optional<templates::value> field(std::string_view name, templates::workspace& work) const override;
  const templates::function* method(std::string_view name) const noexcept override;
  std::string text() const override;
  /// `.Meta`: empty if there is no such label.
  std::string label(std::string_view name) const { return labels_.find(name).value_or(""); }

private:
  const std::string_view zone_, name_, regex_;
  const std::string class_, type_, remote_;
  std::vector<templates::value> match_;
  std::vector<templates::map_entry> group_;
  question_value question_;
  message_value message_;
  const question_labels& labels_;
};

} // namespace troupe
