// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe {

/// Starts a thread of that name, 15 octets at most. Throws std::system_error with the name if none is to be had.
template <class Run>
std::thread named_thread(const std::string& name, Run run) {
  try {
    std::thread made{std::move(run)};
    ::pthread_setname_np(made.native_handle(), name.c_str());
    return made;
  } catch (const std::system_error& failed) {
    throw std::system_error(failed.code(), "no thread for " + name);
  }
}

} // namespace troupe
