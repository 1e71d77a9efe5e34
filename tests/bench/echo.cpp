// SPDX-License-Identifier: Apache-2.0
// The bare UDP echo that every server is compared with: what the kernel's path costs when nobody looks at the question.
// It answers any name with one A record that may be kept for an hour, so it is also the upstream of those that forward.
#include "echo_answer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

using troupe::bench::a_record;
using troupe::bench::make_answer;

namespace {

constexpr size_t batch = 64;          // datagrams a call
constexpr size_t max_datagram = 1232; // octets

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int open_socket(uint16_t port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
    fail("socket");
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0)
    fail("bind");
  return fd;
}

void serve(int fd) {
  static thread_local std::array<std::array<uint8_t, max_datagram + a_record.size()>, batch> buffers;
  std::array<mmsghdr, batch> messages{};
  std::array<iovec, batch> parts{};
  std::array<sockaddr_in, batch> peers{};
  for (size_t i = 0; i < batch; ++i) {
    parts[i].iov_base = buffers[i].data();
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &peers[i];
  }
  for (;;) {
    for (size_t i = 0; i < batch; ++i) {
      parts[i].iov_len = max_datagram;
      messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    }
    int got = recvmmsg(fd, messages.data(), batch, MSG_WAITFORONE, nullptr);
    if (got < 0)
      fail("recvmmsg");
    for (int i = 0; i < got; ++i)
      parts[i].iov_len = make_answer(buffers[i].data(), messages[i].msg_len);
    for (int sent = 0; sent < got;) {
      int n = sendmmsg(fd, messages.data() + sent, got - sent, 0);
      sent += n > 0 ? n : 1; // a datagram that cannot be sent is lost, as everywhere
    }
  }
}

bool number(std::string_view text, unsigned& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

int main(int argc, char** argv) {
  unsigned port = 0, threads = 1;
  if (argc != 3 || !number(argv[1], port) || !number(argv[2], threads) || port > 65535 || threads < 1) {
    std::fprintf(stderr, "usage: bench_echo PORT THREADS\n");
    return 2;
  }
  std::vector<int> sockets;
  for (unsigned i = 0; i < threads; ++i)
    sockets.push_back(open_socket(static_cast<uint16_t>(port)));
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i)
    others.emplace_back(serve, sockets[i]);
  serve(sockets[0]);
}
