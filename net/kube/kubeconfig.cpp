// SPDX-License-Identifier: Apache-2.0
#include "net/kube/kubeconfig.hpp"

#include "net/kube/check.hpp"
#include "net/kube/credentials.hpp"
#include "net/kube/endpoint_url.hpp"
#include "net/kube/yaml.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

namespace troupe::kube {

namespace {

constexpr size_t max_kubeconfig = 4u << 20;

/// Reads one kubeconfig; the first problem stays.
class reader {
public:
  reader(const std::string& file, const yaml::node& root) : file_(file), root_(root) {}

  api_server_result read(std::string context) {
    if (context.empty())
      context = root_["current-context"].text();
    if (context.empty())
      return problem{file_, 0, "has no current-context and none was named"};
    api_server server;
    server.origin = fmt::format("kubeconfig {} context {}", file_, context);
    auto* chosen = find("contexts", "context", context, 0);
    auto* cluster =
      chosen ? find("clusters", "cluster", (*chosen)["cluster"].text(), (*chosen)["cluster"].line()) : nullptr;
    if (cluster)
      read_cluster(*cluster, server);
    if (chosen && cluster && !(*chosen)["user"].text().empty())
      if (auto* user = find("users", "user", (*chosen)["user"].text(), (*chosen)["user"].line()))
        read_user(*user, server);
    if (cluster && !bad_)
      check(*cluster, server);
    if (bad_)
      return *bad_;
    return server;
  }

private:
  void fail(int line, std::string text) {
    if (!bad_)
      bad_ = problem{file_, line, std::move(text)};
  }

  /// The body of the entry of `list` with that name.
  const yaml::node* find(const char* list, const char* body, const std::string& name, int line) {
    for (auto& entry : root_[list].items())
      if ((*entry)["name"].text() == name && (*entry)["name"].type() == yaml::node::kind::scalar)
        return &(*entry)[body];
    fail(line, fmt::format("{} {} is not among the {}", body, quote(name), list));
    return nullptr;
  }

  /// `KEY-data` in base64 wins over the file `KEY`.
  pem_source pem(const yaml::node& from, const std::string& key) {
    pem_source out;
    if (auto& data = from[key + "-data"]; !data.text().empty()) {
      if (auto decoded = from_base64(data.text()); decoded && !decoded->empty())
        out.text = std::move(*decoded);
      else
        fail(data.line(), key + "-data is not base64");
    } else {
      out.file = path(from[key].text());
    }
    return out;
  }

  std::string path(const std::string& text) const {
    if (text.empty() || std::filesystem::path(text).is_absolute())
      return text;
    return (std::filesystem::path(file_).parent_path() / text).string();
  }

  void read_cluster(const yaml::node& from, api_server& server) {
    if (from["server"].text().empty())
      fail(from.line(), "the cluster has no server");
    server.authority = pem(from, "certificate-authority");
    if (auto& insecure = from["insecure-skip-tls-verify"]; !insecure.is_null()) {
      if (auto value = insecure.boolean())
        server.insecure = *value;
      else
        fail(insecure.line(), "insecure-skip-tls-verify is neither true nor false");
    }
    if (server.insecure && !server.authority.empty())
      fail(from["insecure-skip-tls-verify"].line(),
           "insecure-skip-tls-verify and a certificate-authority exclude each other");
    server.server_name = from["tls-server-name"].text();
    if (auto& url = from["proxy-url"]; !url.text().empty())
      read_proxy(url, server);
  }

  void read_proxy(const yaml::node& from, api_server& server) {
    auto read = parse_proxy(from.text(), "proxy-url", true);
    if (auto* bad = std::get_if<std::string>(&read))
      return fail(from.line(), *bad);
    server.through = std::get<proxy>(std::move(read));
    server.through->origin = "proxy-url of the kubeconfig";
    server.origin += " through " + server.through->to_text();
  }

  void read_user(const yaml::node& from, api_server& server) {
    for (auto key : {"exec", "auth-provider"})
      if (auto& member = from[key]; !member.is_null())
        fail(member.line(),
             fmt::format("users with '{}' are not supported: it would run another program; use a token, tokenFile "
                         "or client certificate",
                         key));
    if (auto& name = from["username"]; !name.is_null())
      fail(name.line(), "username and password are not supported: API servers take them no more; use a token or client "
                        "certificate");
    server.certificate = pem(from, "client-certificate");
    server.key = pem(from, "client-key");
    if (server.certificate.empty() != server.key.empty())
      fail(from.line(), "client-certificate and client-key go together: one of them is missing");
    server.token = from["token"].text();
    server.token_file = path(from["tokenFile"].text());
    if (!server.token.empty() && !is_token(server.token, {}))
      fail(from["token"].line(), "token has octets that no token has");
  }

  void check(const yaml::node& cluster, api_server& server) {
    const bool material = !server.authority.empty() || !server.certificate.empty() || server.insecure;
    if (auto bad = use_url(cluster["server"].text(), material, server))
      return fail(cluster["server"].line(), *bad);
    if (!server.tls)
      return;
    auto read = read_tls_material(server);
    if (auto* unread = std::get_if<problem>(&read))
      return fail(cluster.line(), fmt::format("{} {}", unread->file, unread->text));
    auto made = make_tls_context(server, std::get<tls_material>(read));
    if (auto* broken = std::get_if<problem>(&made))
      fail(cluster.line(), fmt::format("{} {}", broken->file, broken->text));
  }

  const std::string& file_;
  const yaml::node& root_;
  std::optional<problem> bad_;
};

} // namespace

api_server_result parse_kubeconfig(const std::string& file, std::string_view text, const std::string& context) {
  auto parsed = yaml::parse(file, text);
  if (auto* bad = std::get_if<problem>(&parsed))
    return *bad;
  auto& documents = std::get<0>(parsed);
  if (documents.size() != 1 || !documents.front()->is_map())
    return problem{file, 0, "is not a kubeconfig: one YAML document with clusters, users and contexts is expected"};
  return reader(file, *documents.front()).read(context);
}

api_server_result read_kubeconfig(const std::string& file, const std::string& context) {
  auto text = read_file(file, max_kubeconfig);
  if (auto* bad = std::get_if<problem>(&text))
    return *bad;
  return parse_kubeconfig(file, std::get<0>(text), context);
}

api_server_result in_cluster(const std::string& folder) {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (!host || !port || !*host || !*port)
    return problem{
      "in-cluster configuration", 0,
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod; use 'kubeconfig', 'endpoint' "
      "or 'manifests'"};
  api_server server;
  const bool v6 = std::string_view{host}.find(':') != std::string_view::npos;
  if (auto bad = use_url(fmt::format("https://{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port), true, server))
    return problem{"KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT", 0, *bad};
  server.origin = "in-cluster";
  server.token_file = folder + "/token";
  server.authority.file = folder + "/ca.crt";
  token_source token(server);
  if (!token.refresh())
    return problem{server.token_file, 0, "holds no token: the pod needs a service account"};
  auto read = read_tls_material(server);
  if (auto* bad = std::get_if<problem>(&read))
    return *bad;
  return server;
}

api_server_result from_endpoint(std::string_view url, const std::string& certificate, const std::string& key,
                                const std::string& authority) {
  api_server server;
  server.origin = "endpoint " + std::string{url};
  server.certificate.file = certificate;
  server.key.file = key;
  server.authority.file = authority;
  if (auto bad = use_url(url, !certificate.empty() || !authority.empty(), server))
    return problem{{}, 0, *bad};
  if (!server.tls)
    return server;
  auto read = read_tls_material(server);
  if (auto* bad = std::get_if<problem>(&read))
    return problem{{}, 0, fmt::format("{} {}", bad->file, bad->text)};
  auto made = make_tls_context(server, std::get<tls_material>(read));
  if (auto* bad = std::get_if<problem>(&made))
    return problem{{}, 0, fmt::format("{} {}", bad->file, bad->text)};
  return server;
}

} // namespace troupe::kube
