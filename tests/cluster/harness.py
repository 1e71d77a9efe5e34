# SPDX-License-Identifier: Apache-2.0
"""What every test of this folder does: run checks, say what failed, end with counts and an exit status."""
import os
import random
import sys
import time
import traceback

from departures import note_uses
from processes import Failed, stop_all

SHOWN = int(os.environ.get("TROUPE_SHOWN") or 25)  # failures printed


class Checks:
    """Counts checks; the first failures are printed. `text` may be a function; an empty text is counted, not printed."""

    def __init__(self):
        self.passed = self.failed = self.shown = 0

    def check(self, good, text):
        if good:
            self.passed += 1
            return True
        self.failed += 1
        if self.shown < SHOWN and (text := text() if callable(text) else text):
            self.shown += 1
            print("FAILED:", text, flush=True)
        return False


def seed_from(environment="TROUPE_SEED"):
    """The seed of this run: from the environment to repeat a run, else a new one. Printed."""
    seed = int(os.environ.get(environment) or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed} (repeat with {environment}={seed})", flush=True)
    return seed


def number_from(environment, default):
    return int(os.environ.get(environment) or default)


def main(test):
    """Runs `test(checks)`, prints the time and `N passed, N failed`, exits 0 or 1."""
    sys.stdout.reconfigure(line_buffering=True)
    checks, began = Checks(), time.monotonic()
    try:
        test(checks)
    except Failed as error:
        checks.check(False, str(error))
    except Exception:
        checks.check(False, traceback.format_exc())
    finally:
        stop_all()
        note_uses()
    print(f"{checks.passed} passed, {checks.failed} failed in {time.monotonic() - began:.1f} s")
    sys.exit(1 if checks.failed else 0)
