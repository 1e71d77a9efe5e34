// SPDX-License-Identifier: Apache-2.0
#include "actors/http/process_families.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily single(const char* name, const char* help, MetricType type, double value) {
  prometheus::ClientMetric m;
  (type == MetricType::Counter ? m.counter.value : m.gauge.value) = value;
  return {name, help, type, {m}};
}

/// Fields of /proc/self/stat from the third one (state) on: the second is the program's name and may hold blanks.
std::optional<std::vector<std::string>> stat_fields() {
  std::ifstream file{"/proc/self/stat"};
  std::string text;
  std::getline(file, text);
  const auto end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos)
    return std::nullopt;
  std::istringstream rest{text.substr(end_of_name + 1)};
  std::vector<std::string> fields{std::istream_iterator<std::string>{rest}, {}};
  if (fields.size() < 22)
    return std::nullopt;
  return fields;
}

/// Seconds since 1970 at which the machine started.
std::optional<double> boot_time() {
  std::ifstream file{"/proc/stat"};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("btime "))
      return std::stod(line.substr(6));
  return std::nullopt;
}

void add_stat(std::vector<MetricFamily>& out) {
  const auto fields = stat_fields();
  if (!fields)
    return;
  // proc(5) counts from 1 and the vector begins with field 3.
  const auto field = [&](size_t number) { return std::stod((*fields)[number - 3]); };
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  out.push_back(single("process_cpu_seconds_total", "CPU time spent, user and system.", MetricType::Counter,
                       (field(14) + field(15)) / ticks));
  out.push_back(single("process_virtual_memory_bytes", "Virtual memory.", MetricType::Gauge, field(23)));
  out.push_back(single("process_resident_memory_bytes", "Resident memory.", MetricType::Gauge,
                       field(24) * static_cast<double>(::sysconf(_SC_PAGESIZE))));
  if (auto boot = boot_time())
    out.push_back(single("process_start_time_seconds", "When the process started, in seconds since 1970.",
                         MetricType::Gauge, *boot + field(22) / ticks));
}

/// The words of the next line, and none at the end.
std::vector<std::string> words_of_line(std::istream& in) {
  std::string line;
  std::getline(in, line);
  std::istringstream words{line};
  return {std::istream_iterator<std::string>{words}, {}};
}

/// netstat(8)'s counters: a line of names, then one of values, both after the protocol. They are those of the whole
/// network namespace, in a pod the pod's.
void add_network(std::vector<MetricFamily>& out) {
  std::ifstream file{"/proc/self/net/netstat"};
  while (file) {
    const auto names = words_of_line(file), values = words_of_line(file);
    if (names.empty() || names.front() != "IpExt:")
      continue;
    const auto add = [&](std::string_view field, const char* name, const char* help) {
      const auto at = static_cast<size_t>(std::find(names.begin(), names.end(), field) - names.begin());
      if (at < values.size())
        out.push_back(single(name, help, MetricType::Counter, std::strtod(values[at].c_str(), nullptr)));
    };
    add("InOctets", "process_network_receive_bytes_total", "Octets received over the network.");
    add("OutOctets", "process_network_transmit_bytes_total", "Octets sent over the network.");
  }
}

void add_limit(std::vector<MetricFamily>& out, const char* name, const char* help, __rlimit_resource which) {
  rlimit limit{};
  if (::getrlimit(which, &limit) == 0)
    out.push_back(single(name, help, MetricType::Gauge, static_cast<double>(limit.rlim_cur)));
}

} // namespace

std::vector<MetricFamily> process_families() {
  std::vector<MetricFamily> out;
  add_stat(out);
  add_network(out);
  add_limit(out, "process_max_fds", "Descriptors that may be open at once.", RLIMIT_NOFILE);
  add_limit(out, "process_virtual_memory_max_bytes", "Virtual memory that there may be.", RLIMIT_AS);
  std::error_code error;
  std::filesystem::directory_iterator entries{"/proc/self/fd", error};
  if (!error)
    // One of them is the listing's own.
    out.push_back(single("process_open_fds", "Descriptors that are open.", MetricType::Gauge,
                         static_cast<double>(std::distance(begin(entries), end(entries)) - 1)));
  return out;
}

} // namespace troupe
