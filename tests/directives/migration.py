# SPDX-License-Identifier: Apache-2.0
"""What `troupe -migrate` prints for old Corefiles: CoreDNS takes it, it stays as it is when it is migrated again, it says what
corefile-migration makes of them, no comment is lost, and both servers serve by it.
  tests/directives/run migration [-v]     TROUPE_SEED: others at random"""
import json
import os
import re
import subprocess
import tempfile

from asking import ask, differences
from cases import question
from old_corefiles import Maker, Use, read, remarks
from pair import HERE, Server, free_port

COUNT = 150  # of each kind
OLDEST = "1.1.3"
# Lines that corefile-migration adds because default Corefiles have them now; what it reads says nothing old there.
ADDED = {"ready": Use(["ready"]), "loop": Use(["loop"])}
ENDPOINT = "endpoint http://127.0.0.1:1"
# Where ours is another than corefile-migration's: (old, why).
DEPARTS = [
    ("proxy . 192.0.2.1 {\n policy least_conn\n}", "it makes `force_tcp` of it: that is no policy, and every query would go by TCP"),
    ("proxy . 192.0.2.1 {\n protocol dns force_tcp\n}", "it looks for `force_tcp` in another place and drops it"),
    ("proxy . 192.0.2.1 {\n protocol grpc insecure\n}", "it asks by DNS where nobody listens; CoreDNS has the directive `grpc`"),
    ("kubernetes a {\n " + ENDPOINT + "\n upstream\n}", "without a `forward` targets outside of the cluster would resolve no more"),
    ("kubernetes a {\n " + ENDPOINT + "\n transfer to 192.0.2.1\n transfer to 192.0.2.2\n}\nforward . 192.0.2.1", "it keeps the last line alone"),
    ("federation a {\n b c.example\n}\nforward . 192.0.2.1", "it leaves it to CoreDNS to refuse that"),
]


class Failed(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Failed(what)


class Judge:
    """CoreDNS's grammar and setup, and corefile-migration, as one process."""

    def __init__(self, folder):
        program = subprocess.run([os.path.join(HERE, "corefiles/build")], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1]
        self.child = subprocess.Popen([program], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, text, version=""):
        self.child.stdin.write(json.dumps({"text": text, "from": version}) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def close(self):
        self.child.stdin.close()
        self.child.wait()


class Tests:
    def __init__(self, folder, troupe, judge, verbose):
        self.folder, self.troupe, self.judge, self.verbose = folder, troupe, judge, verbose
        self.passed = self.failed = self.panics = 0

    def run(self, title, test, *arguments):
        try:
            test(*arguments)
            self.passed += 1
        except Failed as bad:
            self.failed += 1
            print(f"FAILED migration: {title}: {bad}", *(str(argument) for argument in arguments), sep="\n", flush=True)

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def call(self, text, flag):
        self.put("Corefile", text)
        return subprocess.run([self.troupe, "-conf", "Corefile", flag], cwd=self.folder, capture_output=True, text=True, timeout=20)

    def migrated(self, text):
        made = self.call(text, "-migrate")
        require(made.returncode == 0, f"status {made.returncode}: {made.stderr}")
        if self.verbose:
            print(made.stderr, made.stdout)
        again = self.call(made.stdout, "-migrate")
        require((again.returncode, again.stdout, again.stderr) == (0, made.stdout, ""), f"again: {again.stderr}{again.stdout}")
        refused = self.judge.say(made.stdout)["refused"]
        require(not refused, f"CoreDNS refuses it: {refused}\n{made.stdout}")
        require(bool(made.stderr) == (made.stdout != text), "changed in silence, or said to be old and not changed")
        return made.stdout

    def like_the_library(self, text):
        ours, said = read(self.migrated(text)), self.judge.say(text, OLDEST)
        for _, uses in ours:
            zones = [use.head[1] for use in uses if use.head[0] == "forward"]
            longer = [(a, b) for i, a in enumerate(zones) for b in zones[i + 1:] if b.strip(".").endswith(a.strip(".")) and a != b]
            require(not longer, f"who comes first hides another: {longer}")
        if said["failed"].startswith("panic: "):  # of its own, with some numbers of stub domains
            self.panics += 1
            return
        require(not said["failed"], f"corefile-migration: {said['failed']}")
        theirs = plain(read(said["migrated"]), read(text))
        require(comparable(ours) == comparable(theirs), f"ours {comparable(ours)}\ntheirs {comparable(theirs)}")

    def departs(self, inside):
        text = f".:53 {{\n{inside}\n}}\n"
        ours, said = read(self.migrated(text)), self.judge.say(text, OLDEST)
        require(said["failed"] or comparable(ours) != comparable(plain(read(said["migrated"]), read(text))), "departs no more")

    def keeps_comments(self, text):
        made = self.migrated(text)
        inside = re.findall(r"federation.*?^\s*\}[^\n]*", text, re.S | re.M)  # these go with what they are about
        lost = set(remarks(text)) - set(remarks(made)) - {mark for use in inside for mark in remarks(use)}
        require(not lost, f"lost: {lost}\n{made}")

    def valid(self, text):
        """Troupe takes the old one with a warning, and the modern one without."""
        made = self.migrated(text)
        for which, corefile in (("old", text), ("modern", made)):
            said = self.call(corefile, "-validate")
            require(said.returncode == 0, f"Troupe refuses the {which} one: {said.stderr}")
            warned = " went with CoreDNS " in said.stdout + said.stderr
            require(warned == (which == "old" and made != text), f"the {which} one: {said.stdout}{said.stderr}")

    def serves(self, text, coredns):
        """CoreDNS by the modern text, Troupe by the old one."""
        servers, answers = [], []
        try:
            for program, corefile in ((coredns, self.migrated(text)), (self.troupe, text)):
                for page in ("health", "ready", "prometheus"):
                    corefile = re.sub(rf"^(    {page})( :\d+)?(?= |$)", rf"\1 127.0.0.1:{free_port()}", corefile, flags=re.M)
                self.put("Corefile", corefile)
                servers.append(Server(program, self.folder, {}))
                require(servers[-1].wait(), f"{program}: {servers[-1].refusal()}")
                answers.append([ask(servers[-1].port, question(asked, 0), 0) for asked in ("www.example.org A", "none.example.org AAAA")])
        finally:
            for server in servers:
                server.stop()
        require("NOERROR" in str(answers[0][0]), f"{answers}")
        for coredns_says, troupe_says in zip(*answers):
            require(not differences(coredns_says, troupe_says), f"{coredns_says}\n{troupe_says}")


def plain(theirs, old):
    """corefile-migration's blocks without what it adds, and its blocks for stub domains in the block that had them."""
    keys = [block_keys for block_keys, _ in old]
    had = {name: {" ".join(use.head): use for use in uses} for name, uses in ((" ".join(k), u) for k, u in old)}
    kept = [(k, list(uses)) for k, uses in theirs if k in keys]
    for block_keys, uses in theirs:
        if block_keys not in keys:
            forward = next(use for use in uses if use.head[0] == "forward")
            kept[0][1].append(Use(["forward", block_keys[0], *forward.head[2:]], forward.options))
    for block_keys, uses in kept:
        before = had[" ".join(block_keys)]
        for name, added in ADDED.items():
            if name not in before and added in uses:
                uses.remove(added)
        for use in uses:
            old_use = before.get(" ".join(use.head))
            if use.head[0] == "forward" and not (old_use and ["max_concurrent", "1000"] in old_use.options):
                use.options = [option for option in use.options if option != ["max_concurrent", "1000"]]
            if use.head[0] == "health" and not before["health"].options:
                use.options = []
    return kept


def comparable(blocks):
    return [(keys, sorted(use.key() for use in uses)) for keys, uses in blocks]


def kubeadm(upstream):
    folder = os.path.join(HERE, "corefiles/kubeadm")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as text:
            corefile = text.read().replace("       pods insecure\n", f"       pods insecure\n       {ENDPOINT}\n")
        serving = corefile.replace("/etc/resolv.conf", upstream).replace(".:53", ".").replace(ENDPOINT, ENDPOINT + "\n       startup_timeout 1ms")
        yield name, corefile, serving


def migrations(coredns, troupe, upstream, verbose):
    """All of it; what it counts is in `passed` and `failed`."""
    seed = os.environ.get("TROUPE_SEED", "1")
    with tempfile.TemporaryDirectory(prefix="migration-") as folder:
        judge = Judge(folder)
        tests = Tests(folder, troupe, judge, verbose)
        tests.put("resolv.conf", "nameserver 192.0.2.53\n")
        tests.put("zone", "@ 300 SOA ns host 1 7200 1800 86400 60\n@ 300 NS ns\nns 300 A 192.0.2.53\n")
        for name, corefile, serving in kubeadm(upstream.address()):
            tests.run(f"kubeadm {name}", tests.like_the_library, corefile)
            tests.run(f"kubeadm {name} serves", tests.serves, serving, coredns)
        for inside, why in DEPARTS:
            tests.run(f"departs, {why}", tests.departs, inside)
        known, beyond = Maker(seed, False), Maker(seed, True)
        for number in range(COUNT):
            text = known.corefile()
            tests.run(f"seed {seed}, {number}: as corefile-migration", tests.like_the_library, text)
            tests.run(f"seed {seed}, {number}: valid", tests.valid, text)
            tests.run(f"seed {seed}, {number}: comments", tests.keeps_comments, beyond.corefile())
        tests.run("corefile-migration says something of most", lambda: require(tests.panics < COUNT / 10, f"{tests.panics} panics"))
        judge.close()
    print(f"migration: seed {seed}, {tests.passed} passed, {tests.failed} failed", flush=True)
    return tests
