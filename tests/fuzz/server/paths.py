# SPDX-License-Identifier: Apache-2.0
"""Import this first: makes what other tests have importable from here."""
import importlib.util
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[1:1] = [str(ROOT / "tests" / folder) for folder in ("faults", "wire", "bench", "support")]


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


played_lists = load("played_lists", ROOT / "tests/bench/api_server.py")


class Finding(Exception):
    """What the server did wrong."""
