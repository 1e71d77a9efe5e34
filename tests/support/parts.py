# SPDX-License-Identifier: Apache-2.0
"""What runs of parts have in common that ask a server of the test build under load: how checks are reported, and that a
loop is only called held if it is each time."""
import sys
import time
import traceback

ATTEMPTS = 3


class Held(RuntimeError):
    """Handlers of `kinds` held their loops for longer than they may. Their time is CPU time, and the kernel books on it
    what it does meanwhile for others (packets of others, what a hypervisor took); what is too long by itself is so
    again."""

    def __init__(self, text, kinds):
        super().__init__(text)
        self.kinds = set(kinds)


class Report:
    """Prints and counts checks."""
    passed = failed = 0

    def __call__(self, title, right, figures=""):
        if right:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'ok  ' if right else 'FAIL'} {title}: {figures}", flush=True)


def perform(part, report, *arguments):
    """Calls `part(report, *arguments)`, and again while handlers of the same kinds are too long. A part that cannot go on
    is one failure; the others are still asked."""
    began, name, always = time.monotonic(), getattr(part, "func", part).__name__, None
    for attempt in range(1, ATTEMPTS + 1):
        passed, failed = report.passed, report.failed
        try:
            part(report, *arguments)
        except Held as held:
            always = held.kinds if always is None else always & held.kinds
            print(f"     {held}; attempt {attempt} of {ATTEMPTS}", flush=True)
            if always and report.failed == failed and attempt < ATTEMPTS:
                report.passed = passed  # only the last attempt counts
                continue
            if always:
                report(name, False, f"each time held for too long by {', '.join(sorted(always))}")
        except Exception:
            traceback.print_exc(file=sys.stdout)
            report(name, False, "ended early")
        break
    print(f"-- {name}: {time.monotonic() - began:.1f} s", flush=True)
