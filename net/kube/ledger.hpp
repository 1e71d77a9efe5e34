// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::kube {

/// The books of one resource: how many objects the server told us of, and that events come in the order of their
/// versions. Every decoder reports what it reads, also what it cannot use; so an audit by numbers alone finds what
/// neither side noticed. One thread.
class ledger {
public:
  enum class event : uint8_t { added, modified, deleted, bookmark };

  /// How many objects there are at a version, as a short list says.
  struct statement {
    std::string version;
    uint64_t objects = 0;
  };

  void list_begins() {
    listed_ = 0;
    ordered_ = false;
  }
  void listed() { ++listed_, used_ = true; } ///< one item of a list, whatever became of it
  uint64_t items() const { return listed_; } ///< since list_begins()
  void list_is_whole();                      ///< what was listed is what there is

  /// A watch goes on from `version`. What a streaming list begins with is in no order, until its bookmark.
  void watch_begins(std::string version);

  /// False if it is older than what came before it in this watch: the server's state went back, or events come twice.
  /// `ends_list`: the bookmark after which a streaming list is a watch.
  bool take(event entry, std::string_view version, bool ends_list = false);

  void expect(statement expected);
  /// The watch ended well: all that happened until the statement has arrived.
  void watch_ended();
  /// What was found wrong since the last call: the number of objects that the server has and the number known here.
  std::optional<std::pair<uint64_t, uint64_t>> difference();

  uint64_t objects() const { return objects_; }

private:
  void compare();

  uint64_t listed_ = 0, objects_ = 0;
  bool used_ = false;    ///< a decoder that reports nothing has no books that could be wrong
  bool ordered_ = false; ///< a watch runs
  std::string version_;  ///< newest in this watch
  std::optional<statement> expected_;
  std::optional<std::pair<uint64_t, uint64_t>> difference_;
};

} // namespace troupe::kube
