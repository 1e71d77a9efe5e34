// SPDX-License-Identifier: Apache-2.0
#include "config/old_use.hpp"

#include <utility>

namespace troupe::config {

added_directive::added_directive(token where, bool printed, std::string indent, std::string_view line_end)
  : where_(std::move(where)), printed_(printed), indent_(std::move(indent)), line_end_(line_end) {
  begin_line(indent_);
}

void added_directive::begin_line(const std::string& indent) {
  text_.append(line_end_).append(indent);
  starts_line_ = true;
}

token& added_directive::push(const std::string& word) {
  words_.push_back(where_);
  words_.back().text = word;
  words_.back().starts_line = std::exchange(starts_line_, false);
  return words_.back();
}

added_directive& added_directive::add(const spelled_word& word) {
  if (!starts_line_)
    text_ += ' ';
  push(word.text);
  text_ += word.raw;
  return *this;
}

added_directive& added_directive::open() {
  add("{");
  begin_line(deeper(indent_));
  return *this;
}

added_directive& added_directive::close() {
  begin_line(indent_);
  push("}");
  text_ += '}';
  return *this;
}

} // namespace troupe::config
