# SPDX-License-Identifier: Apache-2.0
"""What the server reads from files changes, breaks and goes: the Corefile, with and without a signal, and manifests."""
import contextlib
import os
import shutil
import signal

import names
from corefile import broken, corefile

HUGE, SOME = 3_000, 40  # services
NAMESPACES = ["one", "two", "default"]
FILES = ("a.yaml", "b.yaml", "c.yaml", "deep/d.yaml", "..hidden/e.yaml")
BOMB = "a: &a x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 9)}]\n" for n in range(12))
WRONG = ("kind: [", "a: &a [*a, *a]\n", "\0\xff", "kind: Service\nmetadata: [broken\n", "- " * 5000, "{" * 5000, "'",
         "x: !!binary |\n  a\n", BOMB, "%YAML 9\n---\n")
ALIASES = ("www.example", "backend.default.svc.cluster.local", "service-1.one.svc.torture.local", "x." * 100 + "example")
RETURNED, RETURNED_ADDRESS = "returned.default.svc.torture.local", "10.101.0.1"


def manifest(rng, services, file):
    """No two of FILES have the same objects."""
    cluster = names.make_cluster(rng.randrange(1 << 30), services, len(NAMESPACES), endpoints=rng.randrange(3), headless=0.4)
    for s in cluster.services:
        s.cluster_ip = s.cluster_ip and s.cluster_ip.replace("10.96", f"10.{96 + FILES.index(file)}", 1)
        number = int(s.name.rsplit("-", 1)[1]) * len(FILES) + FILES.index(file)
        s.namespace, s.name = rng.choice(NAMESPACES), f"service-{number}"
    _, made, slices = names.objects(cluster)
    for one in made:
        if rng.random() < 0.2:
            one["spec"] |= {"type": "ExternalName", "externalName": rng.choice(ALIASES)}
        elif rng.random() < 0.2:
            one["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}, {"hostname": "w1.good.test"}]}}
    return "---\n".join("\n".join(names.to_yaml(o)) + "\n" for o in made + slices)


class Files:
    def __init__(self, subject, rng):
        self.subject, self.changing = subject, subject.folder / "changing"

    def signal(self):
        self.subject.process.send_signal(signal.SIGUSR1)

    def reload(self, rng):
        self.subject.write("Corefile", corefile(rng, self.subject))
        if rng.random() < 0.7:
            self.signal()

    def reload_broken(self, rng):
        self.subject.write("Corefile", broken(rng, corefile(rng, self.subject)))
        self.signal()

    def remove_corefile(self, rng):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.subject.folder / "Corefile")
        self.signal()

    def signals(self, rng):
        for _ in range(rng.randint(1, 20)):
            self.signal()

    def change(self, rng, most=SOME):
        path = rng.choice(FILES)
        (self.changing / path).parent.mkdir(exist_ok=True)
        self.subject.write(f"changing/{path}", manifest(rng, rng.randrange(most), path))

    def change_much(self, rng):
        self.change(rng, HUGE)

    def break_one(self, rng):
        """Changed at random, so that it may be whole after all."""
        text = manifest(rng, 5, FILES[0])
        at = rng.randrange(len(text))
        wrong = rng.choice((*WRONG, text[:at], text[:at] + rng.choice(WRONG) + text[at:]))
        self.subject.write("changing/broken.yaml", wrong)

    def break_stable(self, rng):
        """Beside the known names, what cannot be read: it changes nothing."""
        self.subject.write("stable/broken.yaml", rng.choice(("kind: [", "'", "metadata: {")))

    def mend(self, rng):
        for folder in ("changing", "stable"):
            (self.subject.folder / folder / "broken.yaml").unlink(missing_ok=True)

    def remove(self, rng):
        path = self.changing / rng.choice((*FILES, ""))
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        self.changing.mkdir(exist_ok=True)

    ACTS = ((5, reload), (2, reload_broken), (1, remove_corefile), (1, signals), (5, change), (0.3, change_much),
            (1, break_one), (0.5, break_stable), (4, mend), (2, remove))

    def calm(self, rng):
        """All files whole, and everything served."""
        self.mend(rng)
        shutil.rmtree(self.changing)
        self.changing.mkdir()
        only = names.Service("default", RETURNED.split(".")[0], RETURNED_ADDRESS)
        _, made, _ = names.objects(names.Cluster(["default"], [only]))
        self.subject.write("changing/a.yaml", "\n".join(names.to_yaml(made[0])) + "\n")
        self.subject.write("Corefile", corefile(rng, self.subject, 1.0))
        self.signal()
