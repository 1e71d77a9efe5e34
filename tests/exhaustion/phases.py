# SPDX-License-Identifier: Apache-2.0
"""The life of a server, in which the n-th call of a function fails. Each function here tries one failure and says what
was wrong with what came of it; empty: nothing."""
import re
import signal
import time

from order import FUNCTIONS
from world import FORWARDED, RIGHT

SETTLED = 0.3  # seconds after which a server that serves has made the calls of its start
# What a refusal must name.
NO_THREAD = "thread|Resource temporarily unavailable"
NAMED = {"nproc": NO_THREAD, "nofile": "open files", "as": "memory|thread", "thread": NO_THREAD, "socket": "socket|listen", "bind": "listen", "listen": "listen", "epoll_create": "epoll",
         "epoll_ctl": "epoll", "eventfd": "eventfd|event", "timerfd_create": "timerfd|timer", "open": "open|read|Corefile",
         "getaddrinfo": "listen", "memory": "memory"}
SAID = ("Reloading complete", "Restart failed: ")
NAME = next(iter(RIGHT))


def ended_well(world, function):
    """A server that would not start: status 1 and a sentence that names what could not be had."""
    status = world.wait_end()
    if status is None:
        return "it neither serves nor ends"
    said = world.output().strip()
    if function == "as" and status == -signal.SIGABRT and re.search("Fatal glibc error: .*out of memory", said):
        return ""  # glibc needs a few octets for a thread and says so itself; nobody can catch it
    if status != 1:
        return f"ended with status {status}"
    if not re.search(NAMED.get(function, "."), said.splitlines()[-1] if said else "", re.I):
        return f"its last line names no {function}"
    return world.crime()


def stopped_well(world):
    status = world.stop()
    if status is None:
        return "it did not stop"
    return world.crime() or ("" if status == 0 else f"stopped with status {status}")


def serves_or_ends(world, function):
    if world.is_well() and not world.until_ended(SETTLED):
        world.order.nothing()
        return stopped_well(world)
    if not world.ended():
        return f"it lives but does not serve: {world.wrong()}"
    return ended_well(world, function)


def start(world, function, nth, times=1):
    world.write()
    world.order.fail(function, nth, times)
    world.begin()
    return serves_or_ends(world, function)


def ready(world):
    """A server that serves, for the phases after the start; what is wrong with it."""
    world.write()
    world.order.nothing()
    world.begin()
    if not world.is_well():
        return f"it did not start: {world.wrong()}"
    time.sleep(SETTLED)
    return ""


def be_asked(world):
    """Everything that a server does while it serves, once."""
    world.udp(NAME, patience=0.5)
    world.tcp(NAME, patience=0.5)
    world.udp(world.fresh_name(), patience=0.5)
    for page, path in (("health", "/health"), ("prometheus", "/metrics"), ("actors", "/actors"), ("ready", "/ready")):
        world.page(page, path)


def serving(world, function, nth, times=1):
    world.order.fail(function, nth, times)
    be_asked(world)
    world.order.nothing()
    if world.is_well():
        return world.crime()
    return f"it does not recover: {world.wrong() if not world.ended() else world.wait_end()}"


def reload_once(world, more):
    """Reloads; the line that says how it ended, None if there was none."""
    before = {said: world.output().count(said) for said in SAID}
    world.write(more)
    world.process.send_signal(signal.SIGUSR1)
    found = []
    world.until(lambda: found.extend(s for s in SAID if world.output().count(s) > before[s]) or found)
    return found[0] if found else None


def has_more(world):
    """Whether it serves what write(more=True) adds. No names are refused over a page of `ready`: the log says that it is missing."""
    page = world.page("ready2", "/ready") == 200 or f"[ERROR] plugin/ready: listen tcp 127.0.0.1:{world.ports['ready2']}: " in world.output()
    return (world.udp("front.default.svc.more.local", "more", 0.2) == "10.96.0.101"
            and world.udp(world.fresh_name(), "more", 0.2) == FORWARDED and page)


def has_less(world):
    return world.udp(NAME, "more", 0.2) == "no answer" and world.page("ready", "/ready") == 200


def reload(world, function, nth, times=1):
    world.order.fail(function, nth, times)
    said = reload_once(world, more=True)
    world.order.nothing()
    if said is None:
        return "ended" if world.ended() else "the reload did not end"
    whole = has_more if said == SAID[0] else has_less
    if not world.until(lambda: whole(world)):
        return f"not as '{said}' says"
    if not world.is_well():
        return f"it does not recover: {world.wrong()}"
    if said == SAID[1]:
        line = [line for line in world.output().splitlines() if SAID[1] in line][-1]
        if not re.search(NAMED.get(function, "."), line, re.I):
            return f"names no {function}: {line}"
    if reload_once(world, more=False) != SAID[0] or not world.until(lambda: has_less(world)):
        return "it could not go back"
    return world.crime()


def stop(world, function, nth, times=1):
    world.order.fail(function, nth, times)
    return stopped_well(world)


def counted(world, what):
    """function -> calls that `what()` made."""
    before = world.order.calls()
    what()
    after = world.order.calls()
    return {function: after[function] - before[function] for function in FUNCTIONS}
