// SPDX-License-Identifier: Apache-2.0
// Opens whatever comes as a database of addresses and asks it for each label of some addresses.
#include "net/geo/geo_database.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

/// libmaxminddb 1.7.1 forgets a description of some hundred octets when it refuses a file whose metadata break off.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libmaxminddb";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace troupe::geo;
  static const int file = ::memfd_create("fuzz", 0);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  const auto opened = geo_database::open("/proc/self/fd/" + std::to_string(file));
  const auto* database = std::get_if<geo_database_ptr>(&opened);
  if (!database)
    return 0;
  constexpr std::array<uint8_t, 16> addresses[] = {
    {}, {0x20, 1, 0xd, 0xb8}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}};
  for (const auto& address : addresses)
    for (const char* label : {"city/name", "subdivisions/code", "latitude", "asn/number", "asn/org", "none"})
      for (const size_t octets : {size_t{4}, size_t{16}})
        if (const auto said = (*database)->label(label, std::span{address}.first(octets));
            said && said->size() > max_label_octets)
          std::abort();
  return 0;
}
