# SPDX-License-Identifier: Apache-2.0
"""How many cases have each directive and option, and how many of those are refused: three, and one of them, at least."""
import glob
import os
import re
import shlex

from cases import read

LEAST, LEAST_REFUSED = 3, 1

# The directives that are built, with their options: words of their line or of their block.
OPTIONS = {
    "acl": "allow block filter drop type net",
    "any": "",
    "auto": "directory reload",
    "autopath": "",
    "bind": "except",
    "bufsize": "",
    "cache": "success denial prefetch serve_stale immediate verify serve_stale_policy servfail disable keepttl",
    "cancel": "",
    "chaos": "",
    "debug": "",
    "dns64": "prefix translate_all allow_ipv4",
    "erratic": "drop truncate delay large",
    "errors": "stacktrace consolidate show_first",
    "file": "reload reload_by_mtime fallthrough",
    "forward": "except force_tcp prefer_udp max_fails max_connect_attempts expire max_age max_idle_conns read_timeout tls tls_servername "
               "policy health_check max_concurrent next next_on_nodata failfast_all_unhealthy_upstreams failover source_address resolver",
    "geoip": "edns-subnet",
    "header": "query response set clear",
    "health": "lameduck",
    "hosts": "ttl no_reverse reload fallthrough fallthrough_unsupported",
    "loadbalance": "round_robin weighted prefer reload",
    "local": "localhost_prefix",
    "log": "class",
    "loop": "",
    "metadata": "",
    "minimal": "",
    "multisocket": "",
    "nsid": "",
    "prometheus": "runtime_metrics",
    "ready": "monitor",
    "reload": "",
    "rewrite": "continue stop name type class edns0 ttl cname rcode answer exact prefix suffix substring regex local nsid subnet set append "
               "replace unset revert",
    "root": "",
    "shed": "",
    "template": "match answer additional authority rcode ederror fallthrough",
    "timeouts": "read write idle maxtcpqueries",
    "transfer": "to source",
    "view": "expr",
    "whoami": "",
}
# Asked in tests/cluster, as they need one, or our own.
ELSEWHERE = {"kubernetes", "k8s_external", "actors"}
BUILT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../config/directives.def")
# What CoreDNS never refuses, whatever stands behind it, so there is no wrong case.
NEVER_REFUSED = {"file fallthrough", "hosts no_reverse", "template fallthrough"}


def words_of(line):
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # an open quote, which a case may be about
        return line.split()


def uses(corefile):
    """(directive, the words of its line and block) of each use in a Corefile."""
    found, depth = [], 0
    for line in corefile.splitlines():
        words = words_of(line)
        opens, closes = words[-1:] == ["{"], words[:1] == ["}"]
        plain = [word for word in words if word not in "{}"]
        if depth == 1 and plain:
            found.append((plain[0], plain[1:]))
        elif depth > 1 and plain and found:
            found[-1][1].extend(plain)
        depth += opens - closes
    return found


def count(folder):
    """{(directive, option)}: [cases, of those refused]}; the option is "" for the directive itself."""
    counts = {(directive, option): [0, 0] for directive, options in OPTIONS.items() for option in ["", *options.split()]}
    for path in sorted(glob.glob(os.path.join(folder, "*.txt"))):
        for case in read(path):
            seen = {(directive, option) for directive, words in uses(case.corefile) for option in ["", *words]} & counts.keys()
            for key in seen:
                counts[key][0] += 1
                counts[key][1] += not case.questions
    return counts


def unlisted():
    """Directives that are built and stand in no table here."""
    with open(BUILT, encoding="utf-8") as text:
        built = set(re.findall(r"^TROUPE_(?:SETTING|STAGE)\((\w+)", text.read(), re.MULTILINE))
    return sorted(built - OPTIONS.keys() - ELSEWHERE)


def report(folder, everything=False):
    """The lines of what has too few cases; prints all if `everything`."""
    short = [f"{name}: no row in coverage.py" for name in unlisted()]
    for (directive, option), (cases, refused) in count(folder).items():
        name = f"{directive} {option}".strip()
        if everything:
            print(f"{name}: {cases} cases, {refused} refused")
        if cases < LEAST or (refused < LEAST_REFUSED and name not in NEVER_REFUSED):
            short.append(f"{name}: {cases} cases, {refused} refused; at least {LEAST} and {LEAST_REFUSED}")
    if everything:
        print(*short, f"{len(count(folder)) - len(short)} passed, {len(short)} failed", sep="\n")
    return short
