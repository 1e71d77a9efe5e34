# SPDX-License-Identifier: Apache-2.0
"""deploy/ask against a dig made up for the test: what counts as the answer that a page shows."""
import os
import pathlib
import subprocess
import tempfile

# Answers by the name asked for, whatever else the command says; says its port where asked.
DIG = """#!/bin/bash
case "$*" in
  *two*) printf '10.0.0.2\\n10.0.0.1\\n' ;;
  *record*) printf 'record.\\t\\t5\\tIN\\tA\\t10.0.0.1\\n' ;;
  *port*) echo "$2" ;;
  *star*) echo 'a*[b]?' ;;
  *none*) ;;
esac
"""
# What stands below the question, the question, and whether it is the answer.
CASES = (
    ("in any order", "dig two", "10.0.0.1\n10.0.0.2", True),
    ("a line is missing", "dig two", "10.0.0.1", False),
    ("a line too many", "dig two", "10.0.0.1\n10.0.0.2\n10.0.0.3", False),
    ("the same line twice", "dig two", "10.0.0.1\n10.0.0.1", False),
    ("any text", "dig two", "10.0.…\n10.0.0.2", True),
    ("any lines", "dig two", "10.0.0.2\n…", True),
    ("any lines but not this", "dig two", "10.0.0.3\n…", False),
    ("blanks count once", "dig record", "record. 5 IN A 10.0.0.1", True),
    ("nothing", "dig none", "", True),
    ("nothing wanted, something got", "dig two", "", False),
    ("pattern characters are themselves", "dig star", "a*[b]?", True),
    ("pattern characters do not match", "dig star", "*", False),
    ("another port", "dig -p 1053 port", "2053", True),
)


def _asked(root, page, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        dig = pathlib.Path(folder, "dig")
        dig.write_text(DIG)
        dig.chmod(0o755)
        file = pathlib.Path(folder, "page.md")
        file.write_text(page)
        done = subprocess.run([root / "deploy/ask", file, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
        return done.returncode, done.stdout


def _case(root, question, answer, fits):
    page = f"# Page\n\n```console\n$ {question}\n{answer}\n```\n"
    status, output = _asked(root, page, "1053=2053")
    counts = "1 passed, 0 failed" if fits else "0 passed, 1 failed"
    if status != (0 if fits else 1) or output.splitlines()[-1] != counts:
        return [f"exit status {status}: {output}"]
    return []


def _page():
    """Two questions in one block, one outside of any, another command."""
    return ("$ dig two\n```console\n$ dig two\n10.0.0.1\n10.0.0.2\n$ rm -rf build\n$ dig none\n```\n"
            "```\n$ dig two\n```\n")


def _reads_a_page(root):
    status, output = _asked(root, _page())
    return [] if status == 0 and output.splitlines()[-1] == "2 passed, 0 failed" else [output]


def _wants_questions(root):
    status, output = _asked(root, "# Nothing to ask\n")
    return [] if status == 1 and "0 passed, 1 failed" in output else [output]


def results(root):
    return [(f"deploy/ask: {name}", _case(root, *case)) for name, *case in CASES] + [
        ("deploy/ask: reads console blocks only, and of them dig and curl", _reads_a_page(root)),
        ("deploy/ask: a page without questions is a failure", _wants_questions(root)),
    ]
