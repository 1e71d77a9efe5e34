// SPDX-License-Identifier: Apache-2.0
#include "net/kube/credentials.hpp"

#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::kube {

namespace {

constexpr size_t max_token = 64 * 1024;
constexpr size_t max_pem = 4u << 20; ///< a bundle of all public authorities is 0.2 MB

std::string_view trimmed(std::string_view text) {
  constexpr auto space = " \t\r\n";
  const size_t begin = text.find_first_not_of(space);
  return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::variant<std::string, problem> pem_text(const pem_source& source) {
  if (!source.text.empty() || source.file.empty())
    return source.text;
  return read_file(source.file, max_pem);
}

std::string what_of(const pem_source& source, const char* kind) {
  return source.file.empty() ? std::string{kind} + " data" : source.file;
}

} // namespace

std::variant<std::string, problem> read_file(const std::string& path, size_t max_octets) {
  // Opened first and then looked at: a pipe or a terminal would hold us for ever, and may come between.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return problem{path, 0, std::string{"cannot be opened: "} + std::strerror(errno)};
  const struct closing {
    int fd;
    ~closing() { ::close(fd); }
  } at_last{fd};
  struct stat status {};
  const bool is_file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  std::string text;
  char piece[16 * 1024];
  ssize_t n = 0;
  while (is_file && text.size() <= max_octets && (n = ::read(fd, piece, sizeof piece)) > 0)
    text.append(piece, static_cast<size_t>(n));
  if (!is_file)
    return problem{path, 0, "is no file"};
  if (text.size() > max_octets)
    return problem{path, 0, "is bigger than " + std::to_string(max_octets) + " octets"};
  if (n < 0)
    return problem{path, 0, "cannot be read"};
  return text;
}

bool is_token(std::string_view next, std::string_view old) {
  const auto dots = [](std::string_view text) { return std::count(text.begin(), text.end(), '.'); };
  // Only visible octets: a token becomes a line of a header (RFC 6750 section 2.1).
  return !next.empty() && std::all_of(next.begin(), next.end(), [](char c) { return c > ' ' && c < 127; }) &&
         (old.empty() || dots(next) >= dots(old));
}

bool token_source::refresh() {
  if (file_.empty())
    return false;
  auto text = read_file(file_, max_token);
  if (text.index() != 0)
    return false;
  const auto next = trimmed(std::get<0>(text));
  if (next == token_ || !is_token(next, token_))
    return false;
  token_ = next;
  return true;
}

std::variant<tls_material, problem> read_tls_material(const api_server& server) {
  tls_material out;
  for (auto [source, target] : {std::pair{&server.authority, &out.authority},
                                std::pair{&server.certificate, &out.certificate}, std::pair{&server.key, &out.key}}) {
    auto text = pem_text(*source);
    if (auto* bad = std::get_if<problem>(&text))
      return *bad;
    *target = std::get<0>(std::move(text));
  }
  return out;
}

std::variant<std::shared_ptr<boost::asio::ssl::context>, problem> make_tls_context(const api_server& server,
                                                                                   const tls_material& material) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code error;
  context->set_verify_mode(server.insecure ? ssl::verify_none : ssl::verify_peer, error);
  const auto buffer = [](const std::string& text) { return boost::asio::const_buffer(text.data(), text.size()); };
  if (material.authority.empty())
    context->set_default_verify_paths(error);
  else if (context->add_certificate_authority(buffer(material.authority), error))
    return problem{what_of(server.authority, "certificate-authority"), 0, "is no PEM certificate: " + error.message()};
  if (material.certificate.empty())
    return context;
  if (context->use_certificate_chain(buffer(material.certificate), error))
    return problem{what_of(server.certificate, "client-certificate"), 0, "is no PEM certificate: " + error.message()};
  if (context->use_private_key(buffer(material.key), ssl::context::pem, error))
    return problem{what_of(server.key, "client-key"), 0, "is no PEM key of the certificate: " + error.message()};
  return context;
}

} // namespace troupe::kube
