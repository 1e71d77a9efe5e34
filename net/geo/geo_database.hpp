// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

/// What databases of addresses say of a client: files in MaxMind's format, `.mmdb`
/// (https://maxmind.github.io/MaxMind-DB/).
namespace troupe::geo {

inline constexpr size_t max_database_octets = size_t{1} << 30; ///< the largest that are sold have half as much
inline constexpr size_t max_values = 10'000;                   ///< that one look-up reads; a record has some hundred
inline constexpr size_t max_label_octets = 4096; ///< of one label; a record with a longer text cannot be read

struct opened_file;
class geo_database;
using geo_database_ptr = std::shared_ptr<const geo_database>;

/// A database in memory of its own: whoever writes over its file meanwhile changes nothing. Immutable; any thread.
class geo_database {
public:
  /// A database, or why it cannot be one, in CoreDNS's words where it has some: `open x: no such file or directory`. A
  /// file that was opened already, still is, and has not been touched since is the same database.
  static std::variant<geo_database_ptr, std::string> open(const std::string& path);

  explicit geo_database(std::unique_ptr<const opened_file> file);
  ~geo_database();

  /// What `geoip/…` says of an address (4 or 16 octets, in network order): `city/name`, `asn/number`. Nothing: the
  /// database has no such label, or its record of the address cannot be read. An address that it does not know has all
  /// labels, empty. Reads at most max_values values, whatever the file says.
  std::optional<std::string> label(std::string_view name, std::span<const uint8_t> address) const;

private:
  std::string check() const;

  std::unique_ptr<const opened_file> file_;
};

} // namespace troupe::geo
