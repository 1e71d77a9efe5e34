// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace troupe::kube {

/// Cuts a stream of JSON that arrives in pieces of any size into values small enough to parse at once, so that neither
/// an endless watch nor a list of 30 MB is ever held whole. Only brackets and strings are looked at; whether a value is
/// JSON is found out by the parser. No recursion; memory is one value and its limit. One thread.
class json_splitter {
public:
  enum class mode {
    documents, ///< one JSON value after the other, white space between them (a watch)
    list       ///< one object whose member `items` is an array: each element, and the rest as the envelope
  };

  struct events {
    std::function<void(std::string_view)> value; ///< a document or an item; followed by value_padding readable octets
    std::function<void()> too_big;               ///< one is longer than the limit and is left out
  };

  static constexpr size_t value_padding = 64; ///< what the JSON parser may read beyond the end

  json_splitter(mode m, size_t max_octets, events on) : mode_(m), limit_(max_octets), on_(std::move(on)) {}

  /// Takes the next piece; false if the stream cannot be JSON (then it takes no more).
  bool feed(std::string_view piece);

  /// True if no value is open: the stream may end here. For a list: the one object is complete.
  bool complete() const { return !broken_ && depth_ == 0 && !in_scalar_ && (mode_ == mode::documents || seen_object_); }

  /// After a complete list: the object without its items, "items":[]; padded like a value.
  std::string_view envelope() const { return envelope_; }

private:
  bool step(char c);
  bool outside(char c);
  bool open(char c);
  bool close(char c);
  void string_octet(char c);
  void keep(char c);
  void keep(std::string_view run);
  void finish_value();
  size_t plain_run(std::string_view rest) const;

  mode mode_;
  size_t limit_;
  events on_;
  std::string value_;      ///< the open document or item
  std::string envelope_;   ///< list only
  std::string key_;        ///< list only: the last string at depth 1
  size_t depth_ = 0;       ///< open brackets
  size_t items_depth_ = 0; ///< depth inside the array `items`; 0: not there
  bool dropped_ = false;   ///< the open value is beyond the limit
  bool in_string_ = false, escaped_ = false, in_scalar_ = false;
  bool after_colon_ = false; ///< at depth 1 of a list: the next value belongs to key_
  bool seen_object_ = false, broken_ = false;
};

} // namespace troupe::kube
