// SPDX-License-Identifier: Apache-2.0
#include "actors/http/bounded_socket.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace troupe {

namespace {

using steady = std::chrono::steady_clock;

/// How long accepting rests when the process has no descriptor left; the connection stays in the kernel's queue.
constexpr int out_of_descriptors_pause_ms = 50;

/// One accepted connection with its two deadlines.
class bounded_connection : public Poco::Net::StreamSocketImpl {
public:
  bounded_connection(int fd, const http_limits& limits, std::shared_ptr<open_connections> connections)
    : StreamSocketImpl(fd), request_by_(steady::now() + limits.request), all_by_(steady::now() + limits.connection),
      connections_(std::move(connections)) {
    connections_->add(fd);
  }

  using StreamSocketImpl::receiveBytes;
  using StreamSocketImpl::sendBytes;

  int receiveBytes(void* buffer, int length, int flags) override {
    for (;;) {
      wait(POLLIN, request_by_);
      const auto n = ::recv(sockfd(), buffer, static_cast<size_t>(length), flags | MSG_DONTWAIT);
      if (n >= 0)
        return static_cast<int>(n);
      if (errno != EAGAIN && errno != EINTR)
        error();
    }
  }

  int sendBytes(const void* buffer, int length, int flags) override {
    auto* from = static_cast<const char*>(buffer);
    for (int sent = 0; sent < length;) {
      wait(POLLOUT, all_by_);
      const auto n =
        ::send(sockfd(), from + sent, static_cast<size_t>(length - sent), flags | MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n >= 0)
        sent += static_cast<int>(n);
      else if (errno != EAGAIN && errno != EINTR)
        error();
    }
    return length;
  }

  void close() override {
    forget();
    StreamSocketImpl::close();
  }

protected:
  ~bounded_connection() override { forget(); }

private:
  void wait(short events, steady::time_point deadline) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady::now()).count();
      if (left <= 0)
        throw Poco::TimeoutException();
      pollfd p{sockfd(), events, 0};
      const int ready = ::poll(&p, 1, static_cast<int>(left));
      if (ready > 0)
        return;
      if (ready < 0 && errno != EINTR)
        error();
    }
  }

  void forget() noexcept {
    if (initialized())
      connections_->remove(sockfd());
  }

  const steady::time_point request_by_, all_by_;
  const std::shared_ptr<open_connections> connections_;
};

class bounded_listener : public Poco::Net::ServerSocketImpl {
public:
  bounded_listener(int fd, const http_limits& limits, std::shared_ptr<open_connections> connections)
    : limits_(limits), connections_(std::move(connections)) {
    reset(fd);
  }

  Poco::Net::SocketImpl* acceptConnection(Poco::Net::SocketAddress&) override {
    const int fd = ::accept4(sockfd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0)
      return new bounded_connection(fd, limits_, connections_);
    const int reason = errno;
    if (reason == EMFILE || reason == ENFILE)
      ::poll(nullptr, 0, out_of_descriptors_pause_ms);
    error(reason);
    return nullptr; // error() throws
  }

private:
  const http_limits limits_;
  const std::shared_ptr<open_connections> connections_;
};

/// Poco hands out sockets by their implementation only to derived classes.
class server_socket : public Poco::Net::ServerSocket {
public:
  explicit server_socket(Poco::Net::SocketImpl* impl) : ServerSocket(impl, true) {}
};

} // namespace

void open_connections::add(int descriptor) {
  std::lock_guard guard{mutex_};
  descriptors_.insert(descriptor);
}

void open_connections::remove(int descriptor) noexcept {
  std::lock_guard guard{mutex_};
  descriptors_.erase(descriptor);
}

void open_connections::end_all() noexcept {
  std::lock_guard guard{mutex_};
  for (int descriptor : descriptors_)
    ::shutdown(descriptor, SHUT_RDWR);
}

Poco::Net::ServerSocket bounded_server_socket(int fd, const http_limits& limits,
                                              std::shared_ptr<open_connections> connections) {
  return server_socket{new bounded_listener(fd, limits, std::move(connections))};
}

} // namespace troupe
