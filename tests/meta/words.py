# SPDX-License-Identifier: Apache-2.0
"""Checks on what the code says."""
import re

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\b[Ff]or now\b|\bplaceholder\b|\bnot implemented\b")
SKIPPED = re.compile(r"\bGTEST_SKIP\b|\bDISABLED_\w|@unittest\.skip|\bskipTest\(")
SLEEPS = re.compile(r"\bsleep_(for|until)\b|\busleep\(|\bnanosleep\(|(?<![\w.])sleep\(")
MONITORS = re.compile(r"\bset_down_handler\b|\bmonitor\(")
MESSAGE = re.compile(r"^\s*caf::result<.*>\s*\(")
ATOM = re.compile(r"\bcaf::atom_constant\b")
CAF_NAME = re.compile(r"\bcaf::\w")
UNIT_TESTS = tuple(f"tests/{folder}/" for folder in ("net", "config", "actors"))


def _code(line):
    """`line` without its comment, so that a comment may speak of what code may not do."""
    return line.split("//", 1)[0]


def _found(tree, paths, pattern, says, code_only=True):
    for path in paths:
        for number, line in enumerate(tree.lines(path), 1):
            if pattern.search(_code(line) if code_only else line):
                yield f"{path}:{number}: {says}: {line.strip()}"


def _sources(tree):
    return [p for p in tree.matching(".cpp", ".hpp", ".py") if not p.startswith("tests/meta/")]


def finished(tree):
    """nothing is marked as to be done later"""
    yield from _found(tree, _sources(tree), UNFINISHED, "unfinished", code_only=False)


def no_test_is_skipped(tree):
    """no test leaves itself out"""
    paths = [p for p in _sources(tree) if p.startswith("tests/")]
    yield from _found(tree, paths, SKIPPED, "a skipped test counts as failed")


def no_unit_test_sleeps(tree):
    """unit tests wait for what they want, never for time to pass"""
    paths = [p for p in tree.matching(".cpp", ".hpp") if p.startswith(UNIT_TESTS)]
    yield from _found(tree, paths, SLEEPS, "a unit test sleeps")


def supervision_in_one_place(tree):
    """only the supervisor monitors actors"""
    paths = [p for p in tree.matching(".cpp", ".hpp", under="actors/") + tree.matching(".hpp", under="messages/")
             if not p.startswith("actors/runtime/supervisor")]
    yield from _found(tree, paths, MONITORS, "only actors/runtime/supervisor* monitors")


def atoms_in_one_place(tree):
    """every atom stands in messages/atoms.hpp"""
    paths = [p for p in tree.matching(".cpp", ".hpp") if p.startswith(("actors/", "messages/")) and p != "messages/atoms.hpp"]
    yield from _found(tree, paths, ATOM, "atoms stand in messages/atoms.hpp")


def no_caf_below(tree):
    """net and config do not name CAF"""
    paths = tree.matching(".cpp", ".hpp", under="net/") + tree.matching(".cpp", ".hpp", under="config/")
    yield from _found(tree, paths + tree.matching(".cpp", ".hpp", under="actors/http/"), CAF_NAME, "names CAF")


def messages_are_explained(tree):
    """every message of a protocol has a comment on who sends it and what comes back"""
    for path in tree.matching(".hpp", under="messages/"):
        before = ""
        for number, line in enumerate(tree.lines(path), 1):
            if MESSAGE.match(line) and not before.startswith("//"):
                yield f"{path}:{number}: a message without a comment before it: {line.strip()}"
            before = line.strip()


def picture_of_the_tree(tree):
    """the picture in actors/README.md shows all actors of the table in supervision.cpp and no others"""
    table, readme = "actors/runtime/supervision.cpp", "actors/README.md"
    if not tree.has(table):
        return
    rows = [row[1] for line in tree.lines(table) if (row := re.match(r'\s*\{"([^"]+)",', line))]
    wanted = {name.strip() for row in rows for name in row.split(",")}
    wanted = {"*-watcher" if name.endswith("-watcher") else name for name in wanted}
    lines = [drawn[1] for line in tree.lines(readme) if (drawn := re.search(r"[├└]─ (.+?)(?:  |$)", line))]
    drawn = {name.strip() for line in lines for name in line.split(",")}
    for name in sorted(wanted ^ drawn):
        yield f"{readme}: {name} stands in {'no' if name in wanted else 'the picture, but in no'} " \
              f"{'picture' if name in wanted else 'row of ' + table}"


def directives_are_named(tree):
    """the table in README.md names all directives that are built and no others"""
    table, readme = "config/directives.def", "README.md"
    if not tree.has(table):
        return
    built = {row[1] for line in tree.lines(table) if (row := re.match(r"TROUPE_(?:STAGE|SETTING)\((\w+),", line))}
    text = "\n".join(tree.lines(readme)).partition("| directive |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z0-9_]+)", row)} - {"manifests"}  # of kubernetes
    for name in sorted(built - named):
        yield f"{readme}: no row of the table of directives names {name}, which {table} has"
    for name in sorted(named - built):
        yield f"{readme}: the table of directives names {name}, which {table} has not"


CHECKS = (finished, no_test_is_skipped, no_unit_test_sleeps, supervision_in_one_place, atoms_in_one_place,
          no_caf_below, messages_are_explained, picture_of_the_tree, directives_are_named)
