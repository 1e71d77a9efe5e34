// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/protocol.hpp"
#include "net/dns/query.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class question_labels;

/// A query and its answer as `log` and `errors` see them. Nothing is owned.
struct log_facts {
  const dns::query& query;
  std::span<const uint8_t> response; ///< without OPT and not cut, as the stages made it; empty: nothing was answered
  dns::rcode rcode = dns::rcode::noerror;
  std::string_view remote, local; ///< numeric addresses, IPv6 without brackets
  uint16_t port = 0;              ///< of the client
  dns::protocol protocol = dns::protocol::udp;
  std::chrono::nanoseconds duration{0}; ///< from the query's arrival until now
  size_t streamed_octets = 0; ///< of all messages of an answer that had many, of which `response` shows the header
  /// What `metadata` knows; null: nothing.
  const question_labels* labels = nullptr;
};

/// A format of `log`, taken apart once: text and `{replacers}` as CoreDNS knows them, `{/label}` of `metadata`, `-` if
/// there is none, and any other word in braces stands for itself. Immutable; any thread.
class log_format {
public:
  explicit log_format(std::string_view format);

  /// Puts the line behind `out`. Names are lower-cased and escaped as in master files, so that no client can forge a
  /// line.
  void append(std::string& out, const log_facts& facts) const;

private:
  enum class kind : uint8_t {
    text,
    type,
    name,
    qclass,
    proto,
    size,
    remote,
    port,
    local,
    id,
    opcode,
    dnssec_ok,
    bufsize,
    rcode,
    rsize,
    duration,
    rflags,
    metadata
  };

  struct piece {
    kind what;
    std::string text; ///< of kind::text; of kind::metadata the label
  };

  static kind kind_of(std::string_view word) noexcept;
  static void append_value(std::string& out, kind what, const log_facts& facts);

  std::vector<piece> pieces_;
};

/// The line of `errors` without its prefix: `2 example.org. A: reason`.
std::string error_line(const dns::query& query, dns::rcode rcode, std::string_view reason);

/// What kind of answer this is for `log { class … }`: one of the bits of config::log_class.
uint8_t response_class(const dns::query& query, std::span<const uint8_t> response, dns::rcode rcode) noexcept;

/// The same more finely, in the words of CoreDNS's label `log/type`: `NOERROR`, `NODATA`, `DELEGATION`, …
std::string_view response_type(const dns::query& query, std::span<const uint8_t> response, dns::rcode rcode) noexcept;

/// `A`, `HTTPS`, `TYPE65280` (RFC 3597 section 5); `IN`, `CLASS7`; `NXDOMAIN`, `42`.
std::string type_text(uint16_t type);
std::string class_text(uint16_t qclass);
std::string rcode_text(dns::rcode code);

} // namespace troupe
