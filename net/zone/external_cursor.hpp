// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/service_walk.hpp"
#include "net/zone/srv_set.hpp"

namespace troupe::zone {

/// The records of one service in a zone of `k8s_external`, one by one, each once, as its questions are answered: its
/// external addresses, or the first name of its load balancer as an alias; SRV at its own name and at those of its
/// ports. With `headless`, where nothing is external, addresses and SRV of the endpoints. Beside an alias there is
/// nothing (RFC 1034 section 3.6.2). What it is made from must outlive it. Thread: one.
class external_cursor : service_walk {
public:
  /// `zone`: lower-case.
  external_cursor(const service_records& records, std::string_view namespace_, const options& options,
                  dns::name_view zone);

  zone_records::step next(zone_record& out);

private:
  enum class part : uint8_t { outside, outside_ports, counting, addresses, endpoints, end };

  bool is_own_name(const dns::name& name) const noexcept;
  bool next_outside(zone_record& out);
  size_t targets() const noexcept; ///< of what is outside: the service itself, and names
  bool next_outside_port(zone_record& out);
  bool next_of_endpoint(zone_record& out);
  bool endpoint_srv(zone_record& out, const port_record& port, uint8_t owner);
  size_t rows_of_port(const port_record& port); ///< endpoints times ports of its name and protocol
  void count_ports(const port_list& ports, size_t endpoints);

  const dns::name_view zone_;
  part at_ = part::end;
  bool is_alias_ = false; ///< its own name
  size_t index_ = 0;      ///< of what is outside: the address; or port, kind of owner and target in one
  size_t step_ = 0;       ///< of the endpoint: 0 the address, then three for each port
  size_t all_rows_ = 0;   ///< endpoints times ports
  number_set numbers_;    ///< of what is outside, as the next three
  port_set own_ports_, port_names_;
  std::vector<size_t> named_; ///< for each of those names: how many ports have it
  bool is_new_ = false;       ///< the port at hand
};

} // namespace troupe::zone
