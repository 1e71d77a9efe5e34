# SPDX-License-Identifier: Apache-2.0
"""tests/advisories.md names tests that are there."""
import re


def missing(text, content):
    """Rows that name no test, and tests that are not in their files. `content`: path below tests/ -> text or None."""
    for line in text.splitlines():
        if not line.startswith("| ") or line.startswith("| advisory "):
            continue
        named = re.findall(r"([\w/]+\.\w+) `(\w+)`", line.rsplit("|", 2)[1])
        if not named:
            yield f"no test: {line}"
        for file, name in named:
            if not re.search(rf"\b{name}\b", content(file) or ""):
                yield f"{file} has no {name}"


def results(root):
    tests = root / "tests"

    def content(file):
        return (tests / file).read_text() if (tests / file).is_file() else None

    made = "| a | b | one.cpp `here` |\n| a | b | one.cpp `her` |\n| a | b | two.cpp `here` |\n| a | b | nothing |\n"
    found = list(missing(made, {"one.cpp": "TEST(a, here)"}.get))
    return [("advisories.md names tests that are there", list(missing((tests / "advisories.md").read_text(), content))),
            ("and it is seen if they are not", [] if len(found) == 3 else found or ["nothing"])]
