// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/check.hpp"
#include "net/kube/decode.hpp"
#include "net/kube/type_name.hpp"

#include <string>
#include <string_view>

/// What holds for objects and events however they are encoded. Internal to net/kube.
namespace troupe::kube {

constexpr size_t max_continue_token = 64 * 1024;

/// `end` if it can be the end of a list.
std::optional<list_end> usable(list_end&& end);

/// An object's metadata as written; an absent string is empty.
struct object_metadata {
  raw_meta names;
  std::string resource_version;
  std::string service_name, imported, source_cluster; ///< labels of an EndpointSlice
  std::string last_change_trigger;                    ///< its annotation
  bool initial_events_end = false;
  bool terminating = false; ///< has a deletionTimestamp

  /// Keeps the label or annotation if it is one that is looked at; of several of a name the last counts.
  void take_label(std::string_view name, std::string_view value);
  void take_annotation(std::string_view name, std::string_view value);
};

/// The fields of one object, in one encoding.
class object_fields {
public:
  virtual ~object_fields() = default;
  virtual object_metadata metadata() = 0;
  virtual raw_service service(object_metadata&& meta) = 0;
  /// What `keep` has no use for may be left out of the endpoints.
  virtual raw_slice slice(object_metadata&& meta, const kept& keep) = 0;
  virtual raw_pod pod(object_metadata&& meta, const kept& keep) = 0;
  virtual raw_import import(object_metadata&& meta) = 0;
};

/// Makes changes of one resource's objects and events, counts and reports what cannot be used.
class decode_rules {
public:
  explicit decode_rules(decode_context& context) : context_(context) {}

  /// Whether that is what was asked for; else nothing more is to be read, and `foreign` says why.
  bool is_object(const type_name& name) { return is(name, false); }
  bool is_list(const type_name& name) { return is(name, true); }
  const std::string& foreign() const { return foreign_; }

  /// An item of a list.
  void on_item(object_fields& item, decoded& out);

  /// An event of any type but ERROR: its version, and what it says about its object.
  void on_event(std::string_view type, object_fields& object, decoded& out);

  /// What came cannot be read ("it is not JSON"): it may have said anything.
  void on_unreadable(std::string_view why, decoded& out);
  void on_too_big(decoded& out);

private:
  /// What one object became.
  struct converted {
    std::optional<change> upsert;
    bool named = false; ///< names are good enough to say "gone"
    raw_meta names;
  };

  bool is(const type_name& name, bool list);
  void lose(decoded& out);
  converted convert(object_metadata&& meta, object_fields& object);
  template <class Raw>
  void use_in_part(Raw&& raw, const std::string& key, converted& out);
  void on_deleted(raw_meta&& names, object_metadata&& last, decoded& out);
  template <class Checked>
  void use(Checked&& checked, const std::string& key, converted& out);

  decode_context& context_;
  std::string foreign_;
};

} // namespace troupe::kube
