// SPDX-License-Identifier: Apache-2.0
#include "net/kube/endpoint_url.hpp"
#include "net/kube/proxy.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

using namespace troupe::kube;

namespace {

using variables = std::map<std::string, std::string>;

/// "direct", "http HOST PORT USER:PASSWORD of SETTING", or what is wrong.
std::string outcome(const variables& set, const std::string& url) {
  api_server server;
  EXPECT_EQ(use_url(url, false, server), std::nullopt);
  if (auto bad = use_environment(server, [&](const char* name) {
        auto found = set.find(name);
        return found == set.end() ? nullptr : found->second.c_str();
      }))
    return *bad;
  if (!server.through)
    return "direct";
  auto& p = *server.through;
  return (p.speaks == proxy::protocol::http ? "http " : "socks5 ") + p.host + " " + std::to_string(p.port) +
         (p.credentials ? " " + *p.credentials : "") + " of " + p.origin;
}

} // namespace

// What Go 1.26's http.ProxyFromEnvironment says to the same, but for the errors.
TEST(use_environment, chooses_as_go_does) {
  const std::string https = "https://10.96.0.1:443", http = "http://10.96.0.1:8080";
  struct {
    const char* name;
    variables set;
    std::string url, want;
  } cases[] = {
    {"nothing set", {}, https, "direct"},
    {"https", {{"HTTPS_PROXY", "http://p:3128"}}, https, "http p 3128 of HTTPS_PROXY"},
    {"small letters", {{"https_proxy", "http://p:3128"}}, https, "http p 3128 of https_proxy"},
    {"capitals first", {{"HTTPS_PROXY", "http://a"}, {"https_proxy", "http://b"}}, https, "http a 80 of HTTPS_PROXY"},
    {"empty is not set", {{"HTTPS_PROXY", ""}, {"https_proxy", "http://b"}}, https, "http b 80 of https_proxy"},
    {"not for the other scheme", {{"HTTP_PROXY", "http://p"}}, https, "direct"},
    {"nor the other way round", {{"HTTPS_PROXY", "http://p"}}, http, "direct"},
    {"both", {{"HTTP_PROXY", "insecure"}, {"HTTPS_PROXY", "secure"}}, http, "http insecure 80 of HTTP_PROXY"},
    {"http, small letters", {{"http_proxy", "http://p:1"}}, http, "http p 1 of http_proxy"},
    {"ALL_PROXY is curl's", {{"ALL_PROXY", "http://p"}}, https, "direct"},
    {"CGI",
     {{"HTTP_PROXY", "http://p"}, {"REQUEST_METHOD", "GET"}},
     http,
     "HTTP_PROXY is not believed while REQUEST_METHOD is set, which makes this a CGI program; unset one of them"},
    {"CGI and https", {{"HTTPS_PROXY", "http://p"}, {"REQUEST_METHOD", "GET"}}, https, "http p 80 of HTTPS_PROXY"},
    {"CGI before NO_PROXY",
     {{"HTTP_PROXY", "p"}, {"NO_PROXY", "*"}, {"REQUEST_METHOD", "GET"}},
     http,
     "HTTP_PROXY is not believed while REQUEST_METHOD is set, which makes this a CGI program; unset one of them"},
    {"localhost", {{"HTTPS_PROXY", "http://p"}}, "https://localhost:6443", "direct"},
    {"loopback", {{"HTTPS_PROXY", "http://p"}}, "https://127.8.0.1:6443", "direct"},
    {"loopback, IPv6", {{"HTTPS_PROXY", "http://p"}}, "https://[::1]:6443", "direct"},
    {"loopback, mapped", {{"HTTPS_PROXY", "http://p"}}, "https://[::ffff:127.0.0.1]", "direct"},
    {"no loopback", {{"HTTPS_PROXY", "http://p"}}, "https://[::2]", "http p 80 of HTTPS_PROXY"},
    {"NO_PROXY", {{"HTTPS_PROXY", "http://p"}, {"NO_PROXY", "10.0.0.0/8"}}, https, "direct"},
    {"no_proxy", {{"HTTPS_PROXY", "http://p"}, {"no_proxy", "10.0.0.0/8"}}, https, "direct"},
    {"NO_PROXY first", {{"HTTPS_PROXY", "p"}, {"NO_PROXY", "a"}, {"no_proxy", "*"}}, https, "http p 80 of HTTPS_PROXY"},
    {"NO_PROXY before a value that is none", {{"HTTPS_PROXY", "::"}, {"NO_PROXY", "10.96.0.1"}}, https, "direct"},
  };
  for (auto& c : cases)
    EXPECT_EQ(outcome(c.set, c.url), c.want) << c.name;
}

TEST(use_environment, leaves_the_proxy_of_the_kubeconfig) {
  api_server server;
  server.host = "10.96.0.1";
  server.through.emplace().host = "mine";
  EXPECT_EQ(use_environment(server, [](const char*) { return "::"; }), std::nullopt);
  EXPECT_EQ(server.through->host, "mine");
}

TEST(parse_proxy, reads_what_go_reads) {
  struct {
    std::string value, want; // the beginning
  } cases[] = {
    {"p", "http p 80 of"},
    {"p:3128", "http p 3128 of"},
    {"127.0.0.1:8080", "http 127.0.0.1 8080 of"},
    {"cache.corp.example.com:1234", "http cache.corp.example.com 1234 of"},
    {"localhost", "http localhost 80 of"},
    {"HTTP://p_q:1", "http p_q 1 of"},
    {"http://p:3128/", "http p 3128 of"},
    {"http://p:3128/path?query#fragment", "http p 3128 of"},
    {"http://[fd00::1]:3128", "http fd00::1 3128 of"},
    {"[fd00::1]", "http fd00::1 80 of"},
    {"http://u:w@p", "http p 80 u:w of"},
    {"u:w@p:3128", "http p 3128 u:w of"},
    {"http://u@p", "http p 80 u: of"},
    {"http://u%40d:p%3aw@p", "http p 80 u@d:p:w of"},
    {"http://u:p@w@p", "http p 80 u:p@w of"},
    {"socks5://p", "socks5 p 1080 of"},
    {"socks5h://u:w@p:1", "socks5 p 1 u:w of"},
    {"https://u:secret@p", "HTTPS_PROXY 'https://u:***@p' wants TLS to the proxy itself"},
    {"ftp://u:secret@p", "HTTPS_PROXY 'ftp://u:***@p' is neither http nor socks5; a proxy is given as http://"},
    {"http://", "HTTPS_PROXY 'http://' has no host name or address"},
    {"//p", "HTTPS_PROXY '//p' has no host name or address"},
    {":", "HTTPS_PROXY ':' has no host name or address"},
    {"::1", "HTTPS_PROXY '::1' has no host name or address"},
    {"http://:3128", "HTTPS_PROXY 'http://:3128' has no host name or address"},
    {"http://p:abc", "HTTPS_PROXY 'http://p:abc' has a port that is not in 1 to 65535"},
    {"http://p:99999", "HTTPS_PROXY 'http://p:99999' has a port that is not in 1 to 65535"},
    {"http://p:0", "HTTPS_PROXY 'http://p:0' has a port that is not in 1 to 65535"},
    {"http://[p]:1", "HTTPS_PROXY 'http://[p]:1' has no IPv6 address in its brackets"},
    {" http://p", "HTTPS_PROXY ' http://p' has blanks or other octets"},
    {"http://p\n", "HTTPS_PROXY 'http://p\\x0a' has blanks or other octets"},
    {"http://u:%zz@p", "HTTPS_PROXY 'http://u:***@p' has a '%' in its user or password"},
    {"http://u:secret%4@p", "HTTPS_PROXY 'http://u:***@p' has a '%' in its user or password"},
    {"http://u:secret/more@p", "HTTPS_PROXY 'http://u:***@p' has a port that is not"},
    {"http:/u:secret@p", "HTTPS_PROXY 'http:***@p' has no scheme that ends"},
    {std::string(3000, 'p'), "HTTPS_PROXY 'ppp"},
  };
  for (auto& c : cases) {
    const auto got = outcome({{"HTTPS_PROXY", c.value}}, "https://10.96.0.1");
    EXPECT_EQ(got.substr(0, c.want.size()), c.want) << got;
    EXPECT_EQ(got.find("secret"), got.npos);
  }
  EXPECT_TRUE(std::get<std::string>(parse_proxy("p:3128", "proxy-url", true))
                .starts_with("proxy-url 'p:3128' has no scheme that ends with '://'; a proxy is given as http://"));
}

// The first list and its hosts are golang.org/x/net's own.
TEST(excludes, reads_no_proxy_as_go_does) {
  const std::string theirs =
    "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, "
    "10.0.0.0/30, 2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64";
  struct {
    std::string no_proxy, host;
    bool want;
  } cases[] = {
    {theirs, "192.168.1.1", true},
    {theirs, "192.168.1.2", false}, // another port
    {theirs, "192.168.1.3", true},
    {theirs, "192.168.1.4", false},
    {theirs, "10.0.0.2", true},
    {theirs, "10.0.0.4", false},
    {theirs, "2001:db8::52:0:1", true},
    {theirs, "2001:db8::52:0:2", false},
    {theirs, "2001:db8::52:0:3", true},
    {theirs, "2002:db8:a::123", true},
    {theirs, "2002:db8:a:1::123", false},
    {theirs, "fe80::424b:c8be:1643:a1b6", false},
    {theirs, "barbaz.net", false},
    {theirs, "www.barbaz.net", true},
    {theirs, "foobar.com", true},
    {theirs, "FooBar.com", true},
    {theirs, "www.foobar.com", true},
    {theirs, "foofoobar.com", false},
    {theirs, "baz.com", false},
    {theirs, "wildcard.io", false},
    {theirs, "nested.wildcard.io", true},
    {theirs, "awildcard.io", false},
    {"", "a.example", false},
    {",, ,", "a.example", false},
    {"*", "a.example", true},
    {"*", "10.0.0.1", true},
    {"b, * ,c", "10.0.0.1", true},
    {"*:80", "a.example", false},
    {":80", "a.example", false},
    {"A.Example:80", "a.example", true},
    {".example:80", "a.example", true},
    {"*.example:81", "a.example", false},
    {"a.example:", "a.example", true},
    {"a.example:080", "a.example", false},
    {"example.", "a.example", false},
    {"10.0.0.1:", "10.0.0.1", true},
    {"10.0.0.0/8:80", "10.0.0.1", false},
    {"10.0.0.0/0", "11.0.0.1", true},
    {"10.0.0.0/33", "10.0.0.1", false},
    {"10.0.0.0/08", "10.1.0.1", true},
    {"10.0.0.0/", "10.0.0.1", false},
    {"10.0.0.0/+8", "10.0.0.1", false},
    {"10.0.0.0/8/8", "10.0.0.1", false},
    {"10.0.0.1/32", "10.0.0.1", true},
    {"::ffff:10.0.0.0/104", "10.1.0.1", true},
    {"::ffff:10.0.0.1", "10.0.0.1", true},
    {"::/0", "10.0.0.1", false},
    {"::/0", "fd00::1", true},
    {"fd00::1/128", "fd00::1", true},
    {"[fd00::1]", "fd00::1", false}, // brackets go with a port
    {"[fd00::1]:80", "fd00::1", true},
    {"0.1", "10.0.0.1", false}, // a number is no name
    {".0.1", "10.0.0.1", false},
    {".", "a.example", false},
    {"*.", "a.example", false},
    {"a.example]:80", "a.example", false},
  };
  for (auto& c : cases)
    EXPECT_EQ(excludes(c.no_proxy, c.host, 80), c.want) << c.no_proxy << " " << c.host;
}
