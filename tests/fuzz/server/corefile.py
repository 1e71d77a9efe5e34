# SPDX-License-Identifier: Apache-2.0
"""Corefiles for the server under attack. Each serves cluster.local from manifests that nobody touches, with all pages at
the same places, good.test from a resolver that is always right, and otherwise what chance gives it."""

POLICIES = ("random", "round_robin", "sequential")
CACHES = ("", "cache", "cache 5", "cache 30 {\n    prefetch 1 10s 50%\n    serve_stale 1h\n  }",
          "cache {\n    success 100 5 1\n    denial 100 5 1\n    servfail 1s\n    serve_stale 10s verify\n    prefetch 2\n  }",
          "cache 30 {\n    keepttl\n    disable denial\n  }")
FORWARDS = ("", "force_tcp", "prefer_udp", "max_concurrent 5", "max_fails 0", "read_timeout 1s", "failover SERVFAIL REFUSED",
            "max_connect_attempts 1", "failfast_all_unhealthy_upstreams", "next NXDOMAIN", "health_check 1s no_rec")
LOGS = ("", "log", "log {\n    class error denial\n  }")
BITS = ("", "{", "}", '"', "\\", "\0", "import *", "(x) {", "{$HOME}", "\n", "ä")
# More is closed than can have been opened.
WRONG_ENDS = ("\n" + "}\n" * 4, "\n" + "}\n" * 4 + ". {\n  nonsense\n}\n", "\n" + "}\n" * 4 + "import nowhere {\n")
PODS = ("disabled", "insecure", "verified")


def braces(head, *lines):
    lines = [line for line in lines if line]
    return head + (" {\n" + "".join(f"    {line}\n" for line in lines) + "  }" if lines else "")


def forward(rng, zone, ports):
    to = " ".join(f"127.0.0.1:{p}" for p in ports)
    return braces(f"forward {zone} {to}", f"policy {rng.choice(POLICIES)}", *rng.sample(FORWARDS, 2))


def block(keys, port, *lines):
    lines = ["bind 127.0.0.1", "errors", *(line for line in lines if line)]
    return " ".join(f"{k}:{port}" for k in keys) + " {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def first_block(rng, world):
    pages = world.pages
    return block(("cluster.local", "in-addr.arpa", "ip6.arpa"), world.port, "multisocket 2",
                 "reload 2s 1s", f"health 127.0.0.1:{pages['health']}", f"ready 127.0.0.1:{pages['ready']}",
                 f"prometheus 127.0.0.1:{pages['prometheus']}", rng.choice(LOGS),
                 braces("kubernetes cluster.local in-addr.arpa ip6.arpa", "manifests stable", "pods verified",
                        f"ttl {rng.choice((0, 5, 30))}", "fallthrough in-addr.arpa ip6.arpa"),
                 "autopath @kubernetes", "loadbalance", braces("transfer", "to *"), rng.choice(CACHES),
                 forward(rng, ".", world.upstream_ports))


def other_blocks(rng, world):
    manifests = braces("kubernetes torture.local", "manifests changing", f"pods {rng.choice(PODS)}",
                       rng.choice(("", "endpoint_pod_names", "noendpoints", "namespaces default one")))
    yield block(("torture.local",), world.port, manifests, rng.choice(CACHES), braces("transfer", "to *"), rng.choice(LOGS))
    yield block(("ext.test",), world.port, braces("kubernetes other.local", "manifests changing"),
                braces("k8s_external ext.test", rng.choice(("", "headless")), rng.choice(("", "apex edge", "ttl 17"))),
                braces("transfer", "to *"))
    yield block((".",), world.port, "loop", rng.choice(CACHES), forward(rng, ".", world.upstream_ports), rng.choice(LOGS))
    yield block(("cluster.local",), world.second_port, braces("kubernetes cluster.local", "manifests stable"))


def corefile(rng, world, share=0.85):
    """`share`: of the blocks that may be left out."""
    api = braces("kubernetes api.local", f"endpoint http://127.0.0.1:{world.api.port}", f"pods {rng.choice(PODS)}",
                 rng.choice(("", "apiserver_qps 1000", "ttl 0")))
    good = forward(rng, ".", [world.honest.port]).replace("max_concurrent 5", "max_fails 1").replace("next NXDOMAIN", "")
    blocks = [first_block(rng, world), block(("api.local",), world.port, api, braces("transfer", "to *")),
              block(("good.test",), world.port, rng.choice(CACHES), good)]
    blocks += [each for each in other_blocks(rng, world) if rng.random() < share]
    rng.shuffle(blocks)
    return "".join(blocks)


def broken(rng, text):
    """Changed at random, and in any case wrong at the end."""
    for _ in range(rng.randint(0, 6)):
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(BITS) + text[at + rng.randrange(9):]
    return text + rng.choice(WRONG_ENDS)
