// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/service_walk.hpp"
#include "net/zone/srv_set.hpp"

namespace troupe::zone {

/// The records of one service as a zone transfer has them, one by one, each once: a ClusterIP service's addresses and
/// SRV, without its endpoints; a headless one's addresses, and of each endpoint addresses and SRV (only for ports with
/// a name); an alias's CNAME. What it is made from must outlive it. Thread: one.
class service_cursor : service_walk {
public:
  /// `imported`: of a ServiceImport.
  service_cursor(const service_records& records, std::string_view namespace_, const options& options,
                 bool imported = false);

  zone_records::step next(zone_record& out);

private:
  enum class part : uint8_t { alias, addresses, ports, survey, endpoints, end };

  bool next_alias(zone_record& out);
  bool next_port(zone_record& out);
  bool next_of_endpoint(zone_record& out);
  bool endpoint_srv(zone_record& out, const port_record& port);

  part at_ = part::end;
  size_t index_ = 0; ///< twice the port, plus one for its own name
  number_set numbers_;
  port_set own_ports_;
  size_t step_ = 0; ///< of the endpoint: 0 the address, then its ports
};

} // namespace troupe::zone
