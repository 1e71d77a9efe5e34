// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace troupe::zone {

/// The SOA serial of a cluster's zones: Unix time in whole seconds, of the end of the second in which the last change
/// came. All changes of one second get one number, given out a moment after that second is over, so that a number never
/// stands for less than a secondary has seen under it: CoreDNS, which gives it out with the first change, leaves
/// secondaries without the others. Why not from resourceVersions or the objects' own dates: README.md. Thread: one.
class serial_number {
public:
  using time = std::chrono::system_clock::time_point;

  /// How long after the end of a second its changes may still be on their way here, to this replica or the others.
  static constexpr std::chrono::milliseconds settling{200};

  /// The whole seconds that have passed at `now`.
  static uint32_t present(time now) noexcept;

  explicit serial_number(uint32_t last = 0) : value_(last) {}

  uint32_t value() const noexcept { return value_; }

  /// Everything has been listed for the first time: the present second, which is above all that came before.
  void begin(time now) noexcept;
  /// An answer has changed.
  void changed(time now) noexcept;
  /// When advance() has to be called next; nothing: at no time.
  std::optional<time> due() const noexcept;
  /// Gives out the number that is due. True if it is another one.
  bool advance(time now) noexcept;

private:
  uint32_t value_;
  std::optional<std::chrono::sys_seconds> first_, later_; ///< ends of seconds with changes that have no number yet
};

} // namespace troupe::zone
