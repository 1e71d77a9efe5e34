// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/options.hpp"
#include "net/zone/service_records.hpp"
#include "net/zone/zone_records.hpp"

namespace troupe::zone {

/// The records of one service as a zone transfer has them, one by one, each once: a ClusterIP service's addresses and
/// SRV, without its endpoints; a headless one's addresses, and of each endpoint addresses and SRV (only for ports with
/// a name); an alias's CNAME. What it is made from must outlive it. Thread: one.
class service_cursor {
public:
  /// `imported`: of a ServiceImport.
  service_cursor(const service_records& of, std::string_view namespace_, const options& how, bool imported = false);

  /// False: that was all.
  bool next(zone_record& out);

private:
  enum class part : uint8_t { alias, addresses, ports, endpoints, end };

  bool next_alias(zone_record& out);
  bool next_address(zone_record& out);
  bool next_port(zone_record& out);
  bool next_of_endpoint(zone_record& out);
  bool endpoint_address(zone_record& out);
  bool endpoint_srv(zone_record& out, const port_record& port);
  void begin(zone_record& out, dns::rrtype type) const noexcept;
  template <class Same>
  bool said_before(std::string_view label, Same&& same) const;
  const dns::name_view first_target() const noexcept;

  const service_records& of_;
  std::string_view namespace_;
  const options& how_;
  part at_ = part::end;
  size_t index_ = 0;             ///< address; or twice the port, plus one for its own name
  size_t slice_ = 0, entry_ = 0; ///< the endpoint
  size_t step_ = 0;              ///< of it: 0 the address, then its ports
};

} // namespace troupe::zone
