// SPDX-License-Identifier: Apache-2.0
#include "net/kube/json_splitter.hpp"

#include <utility>

namespace troupe::kube {

namespace {

/// Brackets beyond this depth are no Kubernetes object; managedFields need about 20.
constexpr size_t max_depth = 200;
constexpr size_t max_envelope = 1u << 20; ///< metadata of a list is a few hundred octets
constexpr size_t max_key = 64;
constexpr size_t kept_capacity = 1u << 20; ///< a buffer that grew beyond this is given back

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

} // namespace

bool json_splitter::feed(std::string_view piece) {
  for (size_t i = 0; i < piece.size() && !broken_;) {
    if (size_t run = plain_run(piece.substr(i))) {
      keep(piece.substr(i, run));
      i += run;
    } else if (!step(piece[i++])) {
      broken_ = true;
    }
  }
  return !broken_;
}

/// Octets inside a value that change no state, taken at once: this is what makes big lists cheap.
size_t json_splitter::plain_run(std::string_view rest) const {
  if (escaped_ || depth_ == 0 || (mode_ == mode::list && !(items_depth_ != 0 && depth_ > items_depth_)))
    return 0;
  size_t n = 0;
  if (in_string_)
    while (n < rest.size() && rest[n] != '"' && rest[n] != '\\')
      ++n;
  else
    while (n < rest.size() && rest[n] != '"' && (rest[n] & 0xdf) != '[' && (rest[n] & 0xdf) != ']') // and { }
      ++n;
  return n;
}

bool json_splitter::step(char c) {
  if (in_string_) {
    string_octet(c);
    return true;
  }
  return outside(c);
}

void json_splitter::string_octet(char c) {
  keep(c);
  if (mode_ == mode::list && depth_ == 1 && (escaped_ || c != '"') && key_.size() < max_key)
    key_ += c;
  if (escaped_)
    escaped_ = false;
  else if (c == '\\')
    escaped_ = true;
  else if (c == '"') {
    in_string_ = false;
    if (depth_ == 0 || (items_depth_ != 0 && depth_ == items_depth_))
      in_scalar_ = true; // a bare string ends with what follows it
  }
}

bool json_splitter::outside(char c) {
  const bool at_top = depth_ == 0 || (items_depth_ != 0 && depth_ == items_depth_);
  switch (c) {
  case '{':
  case '[':
    return open(c);
  case '}':
  case ']':
    return close(c);
  case '"':
    if (at_top && in_scalar_)
      return false;
    if (mode_ == mode::list && depth_ == 1 && !after_colon_)
      key_.clear();
    in_string_ = true;
    keep(c);
    return depth_ != 0 || mode_ == mode::documents;
  default:
    break;
  }
  if (at_top && (is_space(c) || c == ',')) {
    if (in_scalar_)
      finish_value();
    return !(c == ',' && depth_ == 0);
  }
  if (at_top) {
    in_scalar_ = true; // number, true, false, null: let the parser judge
    if (depth_ == 0 && mode_ == mode::list)
      return false;
  }
  if (mode_ == mode::list && depth_ == 1) {
    if (c == ':')
      after_colon_ = true;
    else if (c == ',')
      after_colon_ = false;
  }
  keep(c);
  return true;
}

bool json_splitter::open(char c) {
  if (depth_ == max_depth || in_scalar_)
    return false;
  if (depth_ == 0) {
    if (mode_ == mode::list && (seen_object_ || c != '{'))
      return false;
  } else if (mode_ == mode::list && depth_ == 1 && c == '[' && after_colon_ && key_ == "items") {
    keep(c);
    items_depth_ = ++depth_;
    return true;
  }
  ++depth_;
  keep(c);
  return true;
}

bool json_splitter::close(char c) {
  if (depth_ == 0)
    return false;
  if (items_depth_ != 0 && depth_ == items_depth_) {
    if (c != ']')
      return false;
    if (in_scalar_)
      finish_value();
    items_depth_ = 0;
    --depth_;
    keep(c);
    return true;
  }
  keep(c);
  --depth_;
  if (items_depth_ != 0 ? depth_ == items_depth_ : depth_ == 0)
    finish_value();
  return true;
}

void json_splitter::finish_value() {
  in_scalar_ = false;
  if (mode_ == mode::list && items_depth_ == 0) {
    seen_object_ = true;
    envelope_.reserve(envelope_.size() + value_padding);
    return;
  }
  if (std::exchange(dropped_, false))
    return;
  value_.reserve(value_.size() + value_padding);
  on_.value(value_);
  value_.clear();
  if (value_.capacity() > kept_capacity)
    value_.shrink_to_fit();
}

void json_splitter::keep(char c) {
  keep(std::string_view{&c, 1});
}

void json_splitter::keep(std::string_view run) {
  if (mode_ == mode::list && !(items_depth_ != 0 && depth_ >= items_depth_)) {
    broken_ = broken_ || envelope_.size() + run.size() > max_envelope;
    if (!broken_)
      envelope_ += run;
  } else if (dropped_) {
    return;
  } else if (value_.size() + run.size() > limit_) {
    dropped_ = true; // said at once: it may have no end
    value_.clear();
    value_.shrink_to_fit();
    on_.too_big();
  } else {
    value_ += run;
  }
}

} // namespace troupe::kube
