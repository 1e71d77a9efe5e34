# SPDX-License-Identifier: Apache-2.0
"""Reads files of cases: a Corefile, files beside it, and what to ask."""
import re
from dataclasses import dataclass, field

OPTION = re.compile(r"\+(\w+)(?:=(\S+))?$")


@dataclass
class Question:
    name: str
    type: str
    options: dict
    line: int
    departs: str = ""  # why the answers differ; then they have to


@dataclass
class Page:
    """A page of each server, by HTTP. Of its lines those that `pattern` finds are compared; all if it is empty."""
    address: str  # {$PAGE} or {$PAGE2}: each server has its own
    path: str
    pattern: str
    line: str
    departs: str = ""


@dataclass
class Logged:
    """What both programs have written, in lines that `pattern` finds, after the questions before it."""
    pattern: str
    line: str
    departs: str = ""


@dataclass
class Case:
    title: str
    line: int
    corefile: str = ""
    files: dict = field(default_factory=dict)
    questions: list = field(default_factory=list)  # and Pages, and what was Logged, in their order
    departs: str = ""  # likewise of a refusal, or of a start


class Bad(Exception):
    """What is wrong with a file of cases, with its line."""


def question(text, line):
    words = text.split()
    plain = [word for word in words if not word.startswith("+")]
    options = dict(found.groups() if (found := OPTION.match(word)) else (word, None) for word in words if word.startswith("+"))
    if not 1 <= len(plain) <= 2:
        raise Bad(f"{line}: ask: NAME [TYPE] [+option[=value]]…")
    return Question(plain[0], plain[1] if len(plain) == 2 else "A", options, line)


def page(text, line):
    words = text.split(None, 2)
    if len(words) < 2:
        raise Bad(f"{line}: get: {{$PAGE}} /PATH [PATTERN]")
    return Page(words[0], words[1], words[2].strip() if len(words) == 3 else "", line)


def logged(text, line):
    return Logged(text.strip(), line)


STEPS = {"ask": question, "get": page, "logs": logged}


def read(path):
    """The cases of a file."""
    cases, target = [], None  # target: where a line of text goes
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        word, _, rest = line.partition(":")
        if line.startswith("== "):
            cases.append(Case(line[3:].strip(), number))
            target = None
        elif not cases:
            if line.strip() and not line.startswith("#"):
                raise Bad(f"{path}:{number}: a case begins with `== title`")
        elif line == "corefile:":
            target = lambda text, case=cases[-1]: setattr(case, "corefile", case.corefile + text)
        elif word == "file" and re.fullmatch(r" \S+", rest):
            name = rest.strip()
            cases[-1].files[name] = ""
            target = lambda text, files=cases[-1].files, name=name: files.__setitem__(name, files[name] + text)
        elif word in STEPS:
            target = None
            cases[-1].questions.append(STEPS[word](rest, f"{path}:{number}"))
        elif word == "departs":
            target = None
            last = cases[-1].questions[-1] if cases[-1].questions else cases[-1]
            last.departs = rest.strip()
        elif target:
            target(line + "\n")
        elif line.strip() and not line.startswith("#"):
            raise Bad(f"{path}:{number}: neither `corefile:`, `file: NAME`, `ask:`, `get:`, `logs:`, `departs:` nor a comment")
    return cases
