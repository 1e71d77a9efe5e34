// SPDX-License-Identifier: Apache-2.0
#include "actors/http/memory_socket.hpp"

#include <Poco/Net/StreamSocketImpl.h>

#include <algorithm>
#include <cstring>

namespace troupe {

namespace {

class memory_connection : public Poco::Net::StreamSocketImpl {
public:
  memory_connection(int fd, std::string_view request, std::string& answer)
    : StreamSocketImpl(fd), rest_(request), answer_(answer) {}

  using StreamSocketImpl::receiveBytes;
  using StreamSocketImpl::sendBytes;

  int receiveBytes(void* buffer, int length, int) override {
    const size_t n = std::min(rest_.size(), static_cast<size_t>(std::max(length, 0)));
    std::memcpy(buffer, rest_.data(), n);
    rest_.remove_prefix(n);
    return static_cast<int>(n);
  }

  int sendBytes(const void* buffer, int length, int) override {
    answer_.append(static_cast<const char*>(buffer), static_cast<size_t>(length));
    return length;
  }

  bool poll(const Poco::Timespan&, int) override { return true; }
  void setReceiveTimeout(const Poco::Timespan&) override {}
  void setSendTimeout(const Poco::Timespan&) override {}
  void shutdownSend() override {}
  void shutdown() override {}
  void close() override { reset(); } // the descriptor is not ours

protected:
  ~memory_connection() override { reset(); }

private:
  std::string_view rest_;
  std::string& answer_;
};

/// Poco makes sockets of an implementation only for derived classes.
class stream_socket : public Poco::Net::StreamSocket {
public:
  explicit stream_socket(Poco::Net::SocketImpl* impl) : StreamSocket(impl) {}
};

} // namespace

Poco::Net::StreamSocket memory_socket(int descriptor, std::string_view request, std::string& answer) {
  return stream_socket{new memory_connection(descriptor, request, answer)};
}

} // namespace troupe
