# SPDX-License-Identifier: Apache-2.0
"""The Corefiles of the cluster tests. Both programs get the same text; ports come from the environment."""

FIRST_ZONE, SECOND_ZONE = "cluster.local", "mycorp.local"

# Two blocks on one port: the defaults of most clusters, and another cluster domain with other options.
TWO_ZONES = """\
cluster.local:{$DNS_PORT} in-addr.arpa:{$DNS_PORT} ip6.arpa:{$DNS_PORT} {
    errors
    ready 127.0.0.1:{$READY_PORT}
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig %(kubeconfig)s
        pods insecure
        %(more)s
    }
    loadbalance
}
mycorp.local:{$DNS_PORT} {
    errors
    ready 127.0.0.1:{$READY_PORT}
    kubernetes mycorp.local {
        kubeconfig %(second)s
        pods disabled
        ttl 30
        endpoint_pod_names
    }
    loadbalance
}
"""


def two_zones(kubeconfig, more="", second=""):
    """`second`: another kubeconfig, for the second block."""
    return TWO_ZONES % {"kubeconfig": kubeconfig, "more": more, "second": second or kubeconfig}
