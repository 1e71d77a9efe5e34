// SPDX-License-Identifier: Apache-2.0
#include "process_cpu.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace troupe::bench {
namespace {

void read_stat(const std::string& folder, cpu_time& out) {
  std::ifstream in(folder + "/stat");
  std::string line;
  std::getline(in, line);
  auto behind_name = line.rfind(')'); // the name may hold spaces and parentheses
  if (behind_name == std::string::npos)
    return;
  std::istringstream fields(line.substr(behind_name + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) // utime and stime are fields 14 and 15, the state behind the name is field 3
    fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  out.user = user / ticks;
  out.system = system / ticks;
}

} // namespace

cpu_time read_cpu(pid_t process) {
  cpu_time result;
  auto folder = "/proc/" + std::to_string(process);
  read_stat(folder, result);
  std::error_code none;
  for (auto& thread : std::filesystem::directory_iterator(folder + "/task", none)) {
    std::ifstream in(thread.path() / "schedstat");
    double nanoseconds = 0;
    if (in >> nanoseconds)
      result.exact += nanoseconds / 1e9;
  }
  return result;
}

} // namespace troupe::bench
