// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace troupe::kube {

/// What every object in Kubernetes' protobuf encoding begins with (k8s.io/apimachinery, runtime/serializer/protobuf).
constexpr std::string_view protobuf_magic{"k8s\0", 4};

/// One field of a protobuf message (protobuf.dev, "Encoding").
struct wire_field {
  uint32_t number = 0;
  bool delimited = false;   ///< its value is a run of octets: a string, octets, or a message
  std::string_view content; ///< of a delimited one; points into what was read
};

/// Takes the next field off the front of `message`; false if there is none that is whole and well formed. Groups, which
/// Kubernetes does not use, are not well formed.
bool next_field(std::string_view& message, wire_field& out);

/// Whether `message`, with what may be messages in it to a depth of three, has at most `limit` fields. Reading a
/// message takes some 100 octets of memory a field while a field takes two on the wire, so this is asked first.
bool has_at_most(size_t limit, std::string_view message);

/// Cuts a watch in protobuf into its frames: a length of four octets, most significant first, and so many octets.
class frame_splitter {
public:
  struct events {
    std::function<void(std::string_view)> frame;
    std::function<void()> too_big; ///< a frame is beyond the limit and is left out
  };

  frame_splitter(size_t max_octets, events on) : limit_(max_octets), on_(std::move(on)) {}

  /// Takes the next piece; any octets can be frames.
  void feed(std::string_view piece);

private:
  size_t limit_;
  events on_;
  std::string frame_;    ///< the part of it that has come
  size_t size_ = 0;      ///< of the open frame
  size_t head_ = 0;      ///< octets of its length that have come
  size_t left_ = 0;      ///< octets still to come
  bool dropped_ = false; ///< it is beyond the limit
};

/// Cuts a list in protobuf that arrives in pieces of any size into its items, so that no list is ever held whole:
/// "k8s\0", then a runtime.Unknown whose field `raw` is the list (field 1: ListMeta, field 2: an item, each time).
/// Memory is one item and its limit. One thread.
class protobuf_list_splitter {
public:
  struct events {
    std::function<void(std::string_view)> item;
    std::function<void()> too_big; ///< an item is beyond the limit and is left out
  };

  protobuf_list_splitter(size_t max_octets, events on) : limit_(max_octets), on_(std::move(on)) {}

  /// Takes the next piece; false if the stream cannot be such a list (then it takes no more).
  bool feed(std::string_view piece);

  /// True after a whole list. A list that ends early, wherever, is none.
  bool complete() const { return state_ == state::key && shift_ == 0 && level_ == level::envelope && seen_list_; }

  /// The envelope's TypeMeta, from when it has come.
  std::string_view type() const { return type_; }

  /// After a whole list: its ListMeta.
  std::string_view metadata() const { return metadata_; }

private:
  enum class level : uint8_t { envelope, list };
  enum class state : uint8_t { magic, key, varint, length, fixed, keep, skip, broken };

  size_t some(std::string_view piece); ///< octets used of it
  bool number(char octet);             ///< true: number_ is whole
  void on_key();
  void on_length();
  void on_content();
  void next_key();
  bool take(size_t octets); ///< counts octets of a level; false: more than the list has

  size_t limit_;
  events on_;
  std::string content_, type_, metadata_;
  uint64_t number_ = 0;
  unsigned shift_ = 0;
  uint64_t field_ = 0;     ///< number of the open field
  uint64_t left_ = 0;      ///< octets to come of the open field
  uint64_t list_left_ = 0; ///< octets to come of the list
  size_t magic_ = 0;       ///< octets of the magic that have come
  level level_ = level::envelope;
  state state_ = state::magic;
  bool seen_list_ = false;
};

} // namespace troupe::kube
