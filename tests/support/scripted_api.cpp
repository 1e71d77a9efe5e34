// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_api.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <csignal>
#include <stdexcept>

#include <fmt/format.h>

namespace troupe::test {

namespace {

constexpr size_t max_head = 64 * 1024;
constexpr int poll_ms = 20; ///< how soon a blocked script notices that the server stops

struct ssl_context_free {
  void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
};
struct ssl_free {
  void operator()(SSL* s) const { SSL_free(s); }
};

void ask_for_certificate(SSL_CTX* context, const std::string& authority) {
  BIO* text = BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size()));
  X509* x = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  X509_free(x);
  BIO_free(text);
}

std::unique_ptr<SSL_CTX, ssl_context_free> make_context(const scripted_identity& identity) {
  std::unique_ptr<SSL_CTX, ssl_context_free> context(SSL_CTX_new(TLS_server_method()));
  BIO* certificate = BIO_new_mem_buf(identity.certificate.data(), static_cast<int>(identity.certificate.size()));
  BIO* key = BIO_new_mem_buf(identity.key.data(), static_cast<int>(identity.key.size()));
  X509* x = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
  EVP_PKEY* k = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context.get(), x);
  SSL_CTX_use_PrivateKey(context.get(), k);
  X509_free(x);
  EVP_PKEY_free(k);
  BIO_free(certificate);
  BIO_free(key);
  if (!identity.client_authority.empty())
    ask_for_certificate(context.get(), identity.client_authority);
  return context;
}

} // namespace

bool scripted_peer::head(int status, const std::string& headers) {
  return send(fmt::format(
    "HTTP/1.1 {} Scripted\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n{}\r\n", status, headers));
}

bool scripted_peer::chunk(std::string_view octets) {
  return send(fmt::format("{:x}\r\n{}\r\n", octets.size(), octets));
}

bool scripted_peer::whole(int status, std::string_view body, const std::string& headers) {
  return send(
    fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body));
}

class scripted_api::connection : public scripted_peer {
public:
  connection(int fd, const std::atomic<bool>& stopping, const scripted_identity& identity)
    : fd_(fd), stopping_(stopping) {
    if (!identity.certificate.empty()) {
      context_ = make_context(identity);
      ssl_.reset(SSL_new(context_.get()));
      SSL_set_fd(ssl_.get(), fd_);
    }
  }
  ~connection() override { ::close(fd_); }

  bool handshake() { return !ssl_ || SSL_accept(ssl_.get()) == 1; }

  bool send(std::string_view octets) override {
    while (!octets.empty() && !stopping_ && !gone_) {
      pollfd p{fd_, POLLOUT, 0};
      if (poll(&p, 1, poll_ms) <= 0)
        continue;
      const auto n = ssl_
                       ? SSL_write(ssl_.get(), octets.data(), static_cast<int>(std::min<size_t>(octets.size(), 16384)))
                       : static_cast<int>(::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
      if (n <= 0)
        gone_ = true;
      else
        octets.remove_prefix(static_cast<size_t>(n));
    }
    return octets.empty();
  }

  bool hold() override {
    char octet;
    while (!stopping_ && !gone_)
      if (wait_readable() && read_some(&octet, 1) <= 0)
        gone_ = true;
    return false;
  }

  void reset() override {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const sockaddr nobody{AF_UNSPEC, {}};
    ::connect(fd_, &nobody, sizeof nobody); // sends the RST now, while others may still hold the descriptor
    gone_ = true;
  }

  void close() override {
    ::shutdown(fd_, SHUT_RDWR);
    gone_ = true;
  }

  bool join(uint16_t port) override {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool open = ::connect(other, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    while (open && !stopping_ && !gone_) {
      pollfd both[] = {{fd_, POLLIN, 0}, {other, POLLIN, 0}};
      poll(both, 2, poll_ms);
      open = (!both[0].revents || pass(fd_, other)) && (!both[1].revents || pass(other, fd_));
    }
    ::close(other);
    close();
    return false;
  }

  std::string receive(size_t octets) override {
    std::string text;
    char octet;
    while (text.size() < octets && !stopping_ && !gone_) {
      if (!wait_readable())
        continue;
      gone_ = read_some(&octet, 1) <= 0;
      if (!gone_)
        text += octet;
    }
    return text;
  }

  /// The next request's head; empty if there is none.
  std::string read_head() {
    std::string text;
    char octet;
    while (!stopping_ && !gone_ && text.size() < max_head) {
      if (!wait_readable())
        continue;
      if (read_some(&octet, 1) <= 0)
        return {};
      text += octet;
      if (text.ends_with("\r\n\r\n"))
        return text;
    }
    return {};
  }

private:
  static bool pass(int from, int to) {
    char octets[4096];
    const auto n = ::recv(from, octets, sizeof octets, 0);
    return n > 0 && ::send(to, octets, static_cast<size_t>(n), MSG_NOSIGNAL) == n;
  }

  bool wait_readable() {
    if (ssl_ && SSL_pending(ssl_.get()) > 0)
      return true;
    pollfd p{fd_, POLLIN, 0};
    return poll(&p, 1, poll_ms) > 0;
  }

  int read_some(char* to, int octets) {
    return ssl_ ? SSL_read(ssl_.get(), to, octets) : static_cast<int>(::recv(fd_, to, static_cast<size_t>(octets), 0));
  }

  int fd_;
  const std::atomic<bool>& stopping_;
  std::atomic<bool> gone_ = false;
  std::unique_ptr<SSL_CTX, ssl_context_free> context_;
  std::unique_ptr<SSL, ssl_free> ssl_;
};

scripted_api::scripted_api(script play, scripted_identity identity, uint16_t port)
  : play_(std::move(play)), identity_(std::move(identity)) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_port = htons(port);
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof local;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&local), size) != 0 || ::listen(listener_, 64) != 0)
    throw std::runtime_error("the scripted API server cannot listen");
  getsockname(listener_, reinterpret_cast<sockaddr*>(&local), &size);
  port_ = ntohs(local.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

scripted_api::scripted_api(without_http, script play) : scripted_api(std::move(play)) {
  reads_requests_ = false;
}

scripted_api::~scripted_api() {
  stop();
}

void scripted_api::accept() {
  while (!stopping_) {
    pollfd p{listener_, POLLIN, 0};
    if (poll(&p, 1, poll_ms) <= 0)
      continue;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0)
      continue;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    std::lock_guard lock(mutex_);
    auto peer = std::make_shared<connection>(fd, stopping_, identity_);
    open_.push_back(peer);
    threads_.emplace_back([this, peer] {
      serve(*peer);
      std::lock_guard inner(mutex_);
      open_.remove(peer);
    });
  }
}

void scripted_api::serve(connection& peer) {
  if (!peer.handshake())
    return;
  if (!reads_requests_)
    return play_(scripted_request{}, peer);
  for (;;) {
    scripted_request request;
    request.head = peer.read_head();
    const size_t begin = request.head.find(' '), end = request.head.find(' ', begin + 1);
    if (begin == std::string::npos || end == std::string::npos)
      return;
    request.target = request.head.substr(begin + 1, end - begin - 1);
    {
      std::lock_guard lock(mutex_);
      request.number = targets_.size();
      targets_.push_back(request.target);
    }
    play_(request, peer);
  }
}

void scripted_api::stop() {
  if (stopping_.exchange(true))
    return;
  acceptor_.join();
  ::close(listener_);
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    threads.swap(threads_);
  }
  for (auto& thread : threads)
    thread.join();
}

void scripted_api::drop_connections() {
  std::lock_guard lock(mutex_);
  for (auto& peer : open_)
    peer->reset();
}

void scripted_api::become(scripted_identity identity) {
  std::lock_guard lock(mutex_);
  identity_ = std::move(identity);
}

std::vector<std::string> scripted_api::targets() const {
  std::lock_guard lock(mutex_);
  return targets_;
}

} // namespace troupe::test
