// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Poco/Net/StreamSocket.h>

#include <string>
#include <string_view>

namespace troupe {

/// A socket for Poco that reads `request` and then an end of file, and writes to `answer`. Both stay the caller's and
/// outlive it. `descriptor` stands for the connection where its addresses are asked for; it stays open.
Poco::Net::StreamSocket memory_socket(int descriptor, std::string_view request, std::string& answer);

} // namespace troupe
