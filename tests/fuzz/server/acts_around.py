# SPDX-License-Identifier: Apache-2.0
"""What happens around the server: resolvers and the API server turn hostile, actors are killed, clocks jump, the process
is stopped for a while."""
import json
import signal
import time

import hostile_api
import upstreams

JUMPS = (0.05, 0.5, 2, 5, 5, 30, 400, 4_000, 100_000)  # seconds
LEAST_REAL = -10 * 86_400                              # seconds that the wall clock may be behind
PAUSES = (0.01, 0.1, 0.5, 1, 3)                        # seconds
SPARED = {"supervisor"}                                # its end is the server's
ORDERS = ("kill", "kill", "kill", "exit", "throw", "throw", "stall-20", "stall-300")
LOOK_AGAIN = 5.0                                       # seconds until the names of actors are asked for again


class Around:
    def __init__(self, subject, rng):
        self.subject, self.actors, self.looked, self.orders, self.last = subject, [], 0.0, 0, ""

    def turn_upstream(self, rng):
        one = rng.randrange(len(self.subject.resolvers))
        self.subject.resolvers[one].mode = self.last = rng.choice(upstreams.MODES)

    def calm_upstreams(self, rng):
        for each in self.subject.resolvers:
            each.mode = rng.choice(("right", "any"))

    def turn_api(self, rng):
        self.subject.api.mode = self.last = rng.choice(hostile_api.MODES)

    def calm_api(self, rng):
        self.subject.api.mode = "right"
        self.subject.api.come()

    def change_objects(self, rng):
        for _ in range(rng.randint(1, 30)):
            self.subject.api.objects.change_some(rng)

    def replace_objects(self, rng):
        if rng.random() < 0.5:
            self.subject.api.go()
        self.subject.api.objects.replace(rng.randrange(1 << 30))
        if rng.random() < 0.7:
            self.subject.api.come()

    def order(self, rng):
        what, kind, which = rng.choice(ORDERS), rng.random(), rng.random()
        actors = self.known_actors()
        if not actors:
            return
        kinds = sorted({k for k, _ in actors})
        names = sorted(name for k, name in actors if k == kinds[int(kind * len(kinds))])
        self.last = f"{what} {names[int(which * len(names))]}"
        self.subject.order(what, names[int(which * len(names))])
        self.orders += 1

    def known_actors(self):
        if time.monotonic() - self.looked > LOOK_AGAIN:
            self.looked = time.monotonic()
            status, text = self.subject.page("actors", "/actors")
            if status == 200:
                self.actors = [(a["kind"], a["name"]) for a in json.loads(text)["actors"] if a["kind"] not in SPARED]
        return self.actors

    def jump(self, rng):
        monotonic, real = rng.choice((0, *JUMPS)), rng.choice((0, *JUMPS)) * rng.choice((1, 1, -1))
        if rng.random() < 0.5:
            real = monotonic
        if self.subject.clocks.shifted()[1] + real < LEAST_REAL:
            real = -real
        self.last = f"{monotonic} {real}"
        self.subject.clocks.shift(monotonic, real)

    def pause(self, rng):
        self.subject.process.send_signal(signal.SIGSTOP)
        time.sleep(rng.choice(PAUSES))
        self.subject.process.send_signal(signal.SIGCONT)

    ACTS = ((3, turn_upstream), (1, calm_upstreams), (3, turn_api), (1, calm_api), (3, change_objects), (0.5, replace_objects),
            (2, order), (0.8, jump), (0.2, pause))

    def calm(self):
        for each in self.subject.resolvers:
            each.mode = "right"
        self.calm_api(None)
        self.subject.api.objects.change_canary()
