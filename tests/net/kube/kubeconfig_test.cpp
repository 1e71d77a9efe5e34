// SPDX-License-Identifier: Apache-2.0
#include "net/kube/credentials.hpp"
#include "net/kube/endpoint_url.hpp"
#include "net/kube/kubeconfig.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace troupe::kube;

namespace {

std::string config(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
         "clusters: [{name: k, cluster: " +
         cluster +
         "}]\n"
         "users: [{name: u, user: " +
         user +
         "}]\n"
         "contexts: [{name: c, context: {cluster: k, user: u}}, {name: anon, context: {cluster: k}}, {name: lost, "
         "context: {cluster: zz}}]\n";
}

std::string outcome(const api_server_result& result) {
  if (auto* bad = std::get_if<problem>(&result))
    return bad->to_text();
  auto& s = std::get<0>(result);
  return (s.tls ? "https " : "http ") + s.host + " " + std::to_string(s.port) + s.path +
         (s.through ? " by " + s.through->host + " " + std::to_string(s.through->port) + ", " + s.origin : "") +
         (s.insecure ? " insecure" : "") + (s.token.empty() ? "" : " token " + s.token) +
         (s.token_file.empty() ? "" : " file " + s.token_file);
}

} // namespace

TEST(kubeconfig, reads_what_kubectl_writes) {
  struct {
    std::string text, context, want; // the beginning of the outcome
  } cases[] = {
    {config("{server: 'https://10.0.0.1:6443'}", "{token: abc.def.ghi}"), "", "https 10.0.0.1 6443 token abc.def.ghi"},
    {config("{server: 'https://[fd00::1]:6443/k8s/'}", "{tokenFile: t}"), "c",
     "https fd00::1 6443/k8s file /etc/kube/t"},
    {config("{server: 'http://localhost'}", "{tokenFile: /t}"), "", "http localhost 80 file /t"},
    {config("{server: localhost, insecure-skip-tls-verify: true}", "{}"), "anon", "https localhost 443 insecure"},
    {config("{server: 'https://h', insecure-skip-tls-verify: false}", "{}"), "", "https h 443"},
    {config("{server: 'https://h'}", "{}"), "nope", "/etc/kube/config - context 'nope' is not among the contexts"},
    {config("{server: 'https://h'}", "{}"), "lost", "/etc/kube/config:6 - cluster 'zz' is not among the clusters"},
    {config("{}", "{}"), "", "/etc/kube/config:4 - the cluster has no server"},
    {config("{server: 'HTTPS://h:'}", "{}"), "", "https h 443"}, // as Go's url.Parse
    {config("{server: 'Http://h'}", "{}"), "", "http h 80"},
    {config("{server: 'ftp://h'}", "{}"), "", "/etc/kube/config:4 - server 'ftp://h' is neither https nor http"},
    {config("{server: 'https://h:0'}", "{}"), "", "/etc/kube/config:4 - server 'https://h:0' has a port"},
    {config("{server: 'https://h', insecure-skip-tls-verify: 5}", "{}"), "",
     "/etc/kube/config:4 - insecure-skip-tls-verify is neither"},
    {config("{server: 'https://h', certificate-authority-data: '!'}", "{}"), "",
     "/etc/kube/config:4 - certificate-authority-data is not base64"},
    {config("{server: 'https://h', certificate-authority-data: 'aGVsbG8='}", "{}"), "",
     "/etc/kube/config:4 - certificate-authority data is no PEM certificate"},
    {config("{server: 'https://h', certificate-authority: ca.crt}", "{}"), "",
     "/etc/kube/config:4 - /etc/kube/ca.crt cannot be opened"},
    {config("{server: 'https://h', insecure-skip-tls-verify: true, certificate-authority: x}", "{}"), "",
     "/etc/kube/config:4 - insecure-skip-tls-verify and a certificate-authority exclude"},
    {config("{server: 'https://h', proxy-url: 'http://u:w@p'}", "{}"), "",
     "https h 443 by p 80, kubeconfig /etc/kube/config context c through the proxy p:80 (proxy-url of the kubeconfig)"},
    {config("{server: 'https://h', proxy-url: 'p:80'}", "{}"), "",
     "/etc/kube/config:4 - proxy-url 'p:80' has no scheme that ends with '://'"},
    {config("{server: 'https://h', proxy-url: 'https://u:w@p'}", "{}"), "",
     "/etc/kube/config:4 - proxy-url 'https://u:***@p' wants TLS to the proxy itself"},
    {config("{server: 'https://h'}", "{exec: {command: aws}}"), "",
     "/etc/kube/config:5 - users with 'exec' are not supported"},
    {config("{server: 'https://h'}", "{auth-provider: {name: gcp}}"), "",
     "/etc/kube/config:5 - users with 'auth-provider'"},
    {config("{server: 'https://h'}", "{username: a, password: b}"), "", "/etc/kube/config:5 - username and password"},
    {config("{server: 'https://h'}", "{client-certificate: c.pem}"), "",
     "/etc/kube/config:5 - client-certificate and client-key go together"},
    {config("{server: 'https://h'}", "{token: \"a\\nX: y\"}"), "", "/etc/kube/config:5 - token has octets"},
    {"clusters: []", "", "/etc/kube/config - has no current-context"},
    {"", "", "/etc/kube/config - is not a kubeconfig"},
    {"[1]", "", "/etc/kube/config - is not a kubeconfig"},
    {"a: [", "", "/etc/kube/config:"},
  };
  for (auto& c : cases) {
    const auto got = outcome(parse_kubeconfig("/etc/kube/config", c.text, c.context));
    EXPECT_TRUE(got.starts_with(c.want)) << got << "\nwanted " << c.want;
  }
}

TEST(kubeconfig, block_style_and_flow_style_are_one) {
  const char* block = R"(
apiVersion: v1
kind: Config
current-context: c
clusters:
- name: k
  cluster:
    server: https://10.0.0.1:6443
contexts:
- context:
    cluster: k
    user: u
  name: c
users:
- name: u
  user:
    token: abc
)";
  EXPECT_EQ(outcome(parse_kubeconfig("f", block, "")),
            outcome(parse_kubeconfig("f", config("{server: 'https://10.0.0.1:6443'}", "{token: abc}"), "")));
}

TEST(endpoint, takes_urls_as_coredns_does) {
  struct {
    const char *url, *want;
  } cases[] = {
    {"https://10.0.0.1:6443", "https 10.0.0.1 6443"},
    {"http://localhost:8080/", "http localhost 8080"},
    {"localhost:8080", "http localhost 8080"},
    {"https://[::1]:1", "https ::1 1"},
    {"https://", " - server 'https://' has no host"},
    {"https://a b", " - server 'https://a b' has no host"},
    {"https://[::1", " - server 'https://[::1' has no IPv6"},
    {"https://h:99999", " - server 'https://h:99999' has a port"},
    {"https://h/a b", " - server 'https://h/a b' has a path"},
  };
  for (auto& c : cases) {
    const auto got = outcome(from_endpoint(c.url));
    EXPECT_TRUE(got.starts_with(c.want)) << got;
  }
  EXPECT_TRUE(outcome(from_endpoint("https://h", "/nowhere/c", "/nowhere/k", "/nowhere/a"))
                .starts_with(" - /nowhere/a cannot be opened"));
}

TEST(in_cluster, needs_the_service_account) {
  unsetenv("KUBERNETES_SERVICE_HOST");
  EXPECT_NE(outcome(in_cluster()).find("is no pod"), std::string::npos);
  const auto folder = std::filesystem::path(testing::TempDir()) / "troupe-serviceaccount";
  std::filesystem::create_directories(folder);
  setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  std::filesystem::remove(folder / "token");
  EXPECT_NE(outcome(in_cluster(folder.string())).find("holds no token"), std::string::npos);
  std::ofstream(folder / "token") << "abc\n";
  std::ofstream(folder / "ca.crt") << "";
  EXPECT_EQ(outcome(in_cluster(folder.string())), "https fd00::1 443 file " + (folder / "token").string());
  unsetenv("KUBERNETES_SERVICE_HOST");
  unsetenv("KUBERNETES_SERVICE_PORT");
  std::filesystem::remove_all(folder);
}

// Fault A3: a file that is being written is no new token.
TEST(token, takes_only_what_can_be_one) {
  struct {
    const char *next, *old;
    bool want;
  } cases[] = {{"a.b.c", "", true},       {"a.b.c", "x.y.z", true}, {"a.b", "x.y.z", false}, {"", "x", false},
               {"opaque", "other", true}, {"a b", "", false},       {"a\r\nX: y", "", false}};
  for (auto& c : cases)
    EXPECT_EQ(is_token(c.next, c.old), c.want) << c.next;
}

TEST(base64, decodes) {
  struct {
    const char *text, *want; // null: refused
  } cases[] = {{"aGVsbG8=", "hello"}, {"aGVs\nbG8=", "hello"}, {"", ""},
               {"aGVsbG8", nullptr},  {"a===b", nullptr},      {"-_==", nullptr}};
  for (auto& c : cases)
    EXPECT_EQ(from_base64(c.text).value_or("refused"), c.want ? c.want : "refused") << c.text;
}
