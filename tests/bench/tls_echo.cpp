// SPDX-License-Identifier: Apache-2.0
// The upstream of those that forward over TLS (RFC 7858): answers what `echo` does, as many questions of a connection
// at once as have come, in their order. One thread, no time-outs: whoever bench_load's servers are, they end before it
// does.
#include "echo_answer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace {

using troupe::bench::a_record;
using troupe::bench::make_answer;

constexpr size_t max_query = 1232;     // octets; who sends more is cut off
constexpr size_t read_at_once = 16384; // a TLS record
constexpr int backlog = 256;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

/// One client. Owns its socket.
struct connection {
  int fd;
  SSL* tls;
  std::vector<uint8_t> in, out; ///< what is not a whole query yet; answers that are not sent yet
  uint32_t waits_for = EPOLLIN;

  connection(int socket, SSL_CTX* context) : fd(socket), tls(SSL_new(context)) {
    if (!tls || SSL_set_fd(tls, fd) != 1)
      fail("SSL_new");
    SSL_set_accept_state(tls);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    SSL_free(tls);
    close(fd);
  }

  /// Whether the call that returned `result` may be made again later; if not, the connection is over.
  bool again(int result) {
    const int why = SSL_get_error(tls, result);
    if (why == SSL_ERROR_WANT_WRITE)
      waits_for |= EPOLLOUT;
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
  }

  /// Moves the answers of all whole queries in `in` to `out`; false if what came is no DNS.
  bool answer() {
    size_t at = 0;
    while (in.size() - at >= 2) {
      const size_t size = size_t{in[at]} << 8 | in[at + 1];
      if (size < 17 || size > max_query)
        return false;
      if (in.size() - at - 2 < size)
        break;
      const size_t begin = out.size();
      out.insert(out.end(), in.begin() + at, in.begin() + at + 2 + size);
      out.resize(out.size() + a_record.size());
      const size_t length = make_answer(out.data() + begin + 2, size);
      if (length == 0)
        return false;
      out[begin] = static_cast<uint8_t>(length >> 8);
      out[begin + 1] = static_cast<uint8_t>(length);
      out.resize(begin + 2 + length);
      at += 2 + size;
    }
    in.erase(in.begin(), in.begin() + at);
    return true;
  }

  /// Reads all that is there, answers, sends. False when the connection is over.
  bool run() {
    waits_for = EPOLLIN;
    for (;;) {
      const size_t had = in.size();
      in.resize(had + read_at_once);
      const int got = SSL_read(tls, in.data() + had, read_at_once);
      in.resize(had + (got > 0 ? got : 0));
      if (got <= 0) {
        if (!again(got))
          return false;
        break;
      }
    }
    if (!answer())
      return false;
    while (!out.empty()) {
      const int sent = SSL_write(tls, out.data(), static_cast<int>(out.size()));
      if (sent <= 0)
        return again(sent);
      out.erase(out.begin(), out.begin() + sent);
    }
    return true;
  }
};

int listen_at(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
    fail("socket");
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(fd, backlog) < 0)
    fail("bind");
  return fd;
}

SSL_CTX* context_of(const char* certificate, const char* key) {
  SSL_CTX* made = SSL_CTX_new(TLS_server_method());
  if (!made || SSL_CTX_use_certificate_chain_file(made, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(made, key, SSL_FILETYPE_PEM) != 1)
    fail("certificate");
  SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return made;
}

void accept_all(int listener, int poller, SSL_CTX* context) {
  for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto client = std::make_unique<connection>(fd, context);
    epoll_event wanted{.events = EPOLLIN, .data = {.ptr = client.get()}};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &wanted) < 0)
      fail("epoll_ctl");
    (void)client.release(); // the poller's events name it; serve() deletes it
  }
}

[[noreturn]] void serve(int listener, SSL_CTX* context) {
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  epoll_event wanted{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &wanted) < 0)
    fail("epoll");
  for (std::array<epoll_event, 64> events;;) {
    const int got = epoll_wait(poller, events.data(), events.size(), -1);
    for (int i = 0; i < got; ++i) {
      auto* client = static_cast<connection*>(events[i].data.ptr);
      if (!client) {
        accept_all(listener, poller, context);
        continue;
      }
      const uint32_t before = client->waits_for;
      ERR_clear_error();
      if (!client->run()) {
        delete client;
      } else if (client->waits_for != before) {
        epoll_event now{.events = client->waits_for, .data = {.ptr = client}};
        epoll_ctl(poller, EPOLL_CTL_MOD, client->fd, &now);
      }
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  unsigned port = 0;
  const std::string_view text = argc == 4 ? argv[1] : "";
  if (auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
      text.empty() || error != std::errc{} || end != text.data() + text.size() || port > 65535) {
    std::fprintf(stderr, "usage: bench_tls_echo PORT CERTIFICATE KEY\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  serve(listen_at(static_cast<uint16_t>(port)), context_of(argv[2], argv[3]));
}
