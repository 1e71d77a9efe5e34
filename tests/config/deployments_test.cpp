// SPDX-License-Identifier: Apache-2.0
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe::config;
using test::machine;

namespace {

struct deployment {
  const char* name;
  const char* corefile;
  const char* first_not_built; ///< directive; empty: all is built
};

/// What the common ways to install a cluster ship, in one line a line.
const deployment deployments[] = {
  {"the standard one, with the word of old",
   ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\nready\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n"
   "pods insecure\nupstream\nfallthrough in-addr.arpa ip6.arpa\n}\nprometheus :9153\n"
   "forward . /etc/resolv.conf\ncache 30\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"kubeadm",
   ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\nready\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n"
   "pods insecure\nfallthrough in-addr.arpa ip6.arpa\nttl 30\n}\nprometheus :9153\n"
   "forward . /etc/resolv.conf {\nmax_concurrent 1000\n}\ncache 30 {\ndisable success cluster.local\n"
   "disable denial cluster.local\n}\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"cluster addons",
   ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\nready\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n"
   "pods insecure\nfallthrough in-addr.arpa ip6.arpa\nttl 30\n}\nprometheus :9153\n"
   "forward . /etc/resolv.conf {\nmax_concurrent 1000\n}\ncache 30\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"coredns/deployment",
   ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\nready\nkubernetes cluster.local 10.0.0.0/14 fd00::/6 {\n"
   "fallthrough in-addr.arpa ip6.arpa\n}\nprometheus :9153\nforward . 8.8.8.8 {\nmax_concurrent 1000\n"
   "}\ncache 30\nloop\nreload\nloadbalance\n}\nstub.local:53 {\nerrors\ncache 30\nforward . 10.0.0.1\n"
   "}\n",
   ""},
  {"Helm chart",
   "import custom/*.none\n(snippet) {\nerrors\n}\na. b. .:53 {\nimport snippet\nhealth {\nlameduck 10s\n"
   "}\nready\nkubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\n"
   "fallthrough in-addr.arpa ip6.arpa\nttl 30\n}\nprometheus 0.0.0.0:9153\nforward . /etc/resolv.conf\n"
   "cache 30\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"k3s",
   ".:53 {\nerrors\nhealth\nready\nkubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\n"
   "fallthrough in-addr.arpa ip6.arpa\n}\nhosts /etc/coredns/NodeHosts {\nttl 60\nreload 15s\n"
   "fallthrough\n}\nprometheus :9153\nforward . /etc/resolv.conf\ncache 30\nloop\nreload\nloadbalance\n"
   "import /etc/coredns/custom/*.override\n}\nimport /etc/coredns/custom/*.server\n",
   ""},
  {"kops",
   ".:53 {\nerrors\nhealth {\nlameduck 10s\n}\nready\n"
   "kubernetes cluster.local. in-addr.arpa ip6.arpa {\npods insecure\n"
   "fallthrough in-addr.arpa ip6.arpa\nttl 30\n}\nhosts /rootfs/etc/hosts k8s.local {\nttl 30\n"
   "fallthrough\n}\nprometheus :9153\nforward . /etc/resolv.conf {\nmax_concurrent 1000\n}\ncache 30\n"
   "loop\nreload\nloadbalance\n}\n",
   ""},
  {"kubespray",
   ".:53 {\nerrors {\nconsolidate 5m \".* i/o timeout$\" warning\n}\nhealth {\nlameduck 5s\n}\nready\n"
   "kubernetes cluster.local {\npods insecure\nendpoint_pod_names\nfallthrough\n}\nprometheus :9153\n"
   "forward . /etc/resolv.conf {\nprefer_udp\nmax_concurrent 1000\n}\nk8s_external example.org\n"
   "cache 30 {\n}\nloop\nreload\nloadbalance\n}\nexample.org:53 {\nlog\nerrors {\n}\n"
   "forward . 10.0.0.1\n}\n",
   ""},
  {"EKS",
   ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\nready\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n"
   "pods insecure\nfallthrough in-addr.arpa ip6.arpa\n}\nprometheus :9153\nforward . /etc/resolv.conf\n"
   "cache 30\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"AKS",
   ".:53 {\nerrors\nready\nhealth {\nlameduck 5s\n}\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n"
   "pods insecure\nfallthrough in-addr.arpa ip6.arpa\nttl 30\n}\nprometheus :9153\n"
   "forward . /etc/resolv.conf\ncache 30\nloop\nreload\nloadbalance\nimport custom/*.override\n"
   "template ANY ANY internal.cloudapp.net {\nmatch \"^(?:[^.]+\\.){4,}internal\\.cloudapp\\.net\\.$\"\n"
   "rcode NXDOMAIN\nfallthrough\n}\ntemplate ANY ANY reddog.microsoft.com {\nrcode NXDOMAIN\n}\n}\n"
   "import custom/*.server\n",
   ""},
  {"OpenShift",
   ".:5353 {\nbufsize 1232\nerrors\nlog . {\nclass error\n}\nhealth {\nlameduck 20s\n}\nready\n"
   "kubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\nfallthrough in-addr.arpa ip6.arpa\n"
   "}\nprometheus 127.0.0.1:9153\nforward . /etc/resolv.conf {\npolicy sequential\n}\ncache 900 {\n"
   "denial 9984 30\n}\nreload\n}\nhostname.bind:5353 {\nchaos\n}\n",
   ""},
  {"RKE1",
   ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\nready\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n"
   "pods insecure\nfallthrough in-addr.arpa ip6.arpa\n}\nprometheus :9153\n"
   "forward . \"/etc/resolv.conf\"\ncache 30\nloop\nreload\nloadbalance\n} # STUBDOMAINS\n",
   ""},
  {"RKE2",
   ".:53 {\nerrors \nhealth  {\n    lameduck 10s\n}\nready \n"
   "kubernetes  cluster.local  cluster.local in-addr.arpa ip6.arpa {\npods insecure\n"
   "fallthrough in-addr.arpa ip6.arpa\nttl 30\n}\nprometheus   0.0.0.0:9153\n"
   "forward   . /etc/resolv.conf\ncache   30\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"Talos",
   ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\nready\nlog . {\nclass error\n}\nprometheus :9153\n"
   "kubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\nfallthrough in-addr.arpa ip6.arpa\n"
   "ttl 30\n}\nforward . /etc/resolv.conf {\nmax_concurrent 1000\n}\ncache 30 {\n"
   "disable success cluster.local\ndisable denial cluster.local\n}\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"minikube",
   ".:53 {\nlog\nerrors\nhealth {\nlameduck 5s\n}\nready\n"
   "kubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\nfallthrough in-addr.arpa ip6.arpa\n"
   "ttl 30\n}\nprometheus :9153\nhosts {\n192.168.49.1 host.minikube.internal\nfallthrough\n}\n"
   "forward . /etc/resolv.conf {\nmax_concurrent 1000\n}\ncache 30\nloop\nreload\nloadbalance\n}\n",
   ""},
  {"Gardener",
   ".:8053 {\nloop\nimport custom/*.override\nerrors\nlog . {\nclass error\n}\nhealth {\nlameduck 15s\n"
   "}\nready\nrewrite stop {\nname regex (^(?:[^\\.]+\\.)+)svc\\.foo cluster.local\n"
   "answer name (.*)svc\\.cluster\\.local foo\n}\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n"
   "pods insecure\nfallthrough in-addr.arpa ip6.arpa\nttl 30\n}\nprometheus [0.0.0.0]:9153\n"
   "forward . /etc/resolv.conf\ncache 30\nreload\nloadbalance round_robin\n}\nimport custom/*.server\n",
   ""},
  {"NodeLocal DNSCache",
   "cluster.local:53 {\nerrors\ncache {\nsuccess 9984 30\ndenial 9984 5\n}\nreload\nloop\n"
   "bind 169.254.20.10 10.96.0.10\nforward . 10.96.0.11 {\nforce_tcp\n}\nprometheus :9253\n"
   "health 169.254.20.10:8080\n}\nin-addr.arpa:53 {\nerrors\nbind 169.254.20.10 10.96.0.10\n"
   "prometheus :9253\n}\n.:53 {\nerrors\nbind 169.254.20.10 10.96.0.10\nprometheus :9253\n}\n",
   ""},
  {"NodeLocal of kubespray",
   "cluster.local example.org:53 {\nerrors\nlog\nbind {$MY_HOST_IP}\nprometheus {$MY_HOST_IP}:9253\n"
   "health {$MY_HOST_IP}:9254\nloop\n}\n",
   ""},
  {"NodeLocal of RKE2", ".:53 {\nerrors\nbind 0.0.0.0\nhealth\nprometheus :9253\nreload\n}\n", ""},
  {"AKS LocalDNS",
   "health-check.localdns.local:53 {\nbind 169.254.10.10 169.254.10.11\nwhoami\n}\n.:53 {\nlog\nerrors\n"
   "bind 169.254.10.10\nforward . 168.63.129.16 {\nforce_tcp\n}\nready 169.254.10.10:8181\n"
   "cache 3600 {\nserve_stale 3600s immediate\nservfail 0\n}\nloop\nnsid localdns\nprometheus :9253\n}\n",
   ""},
};

/// Line of the first use of `directive`, from 1.
int line_of(const std::string& text, const std::string& directive) {
  const size_t at = ("\n" + text).find("\n" + directive + " ");
  const size_t alone = ("\n" + text).find("\n" + directive + "\n");
  return static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(std::min(at, alone)), '\n')) + 1;
}

machine node() {
  machine m;
  m.variables = {{"MY_HOST_IP", "10.1.2.3"}};
  m.files = {{"/etc/resolv.conf", "nameserver 10.0.0.2\n"}};
  return m;
}

} // namespace

/// What is not built would be named after everything else was read.
TEST(deployments, are_understood_up_to_what_is_not_built) {
  const machine m = node();
  for (const auto& d : deployments) {
    const std::string not_built{d.first_not_built};
    const std::string error = test::error_of(d.corefile, m);
    EXPECT_EQ(error.substr(0, error.find("; nor are: ")),
              not_built.empty() ? ""
                                : "Corefile:" + std::to_string(line_of(d.corefile, not_built)) +
                                    " - Error during parsing: directive '" + not_built +
                                    "' is known to CoreDNS but not built into Troupe yet")
      << d.name;
  }
}

/// Carriage returns and a byte order mark, as editors leave them, change nothing.
TEST(deployments, may_have_been_edited_on_windows) {
  const machine m = node();
  for (const auto& d : deployments) {
    std::string text = "\xEF\xBB\xBF";
    for (const char* c = d.corefile; *c; ++c)
      text += *c == '\n' ? "\r\n" : std::string(1, *c);
    EXPECT_EQ(test::error_of(text, m), test::error_of(d.corefile, m)) << d.name;
  }
}
