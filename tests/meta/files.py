# SPDX-License-Identifier: Apache-2.0
"""Checks on files as such: size, licence line, README in every folder, format."""
import os
import re
import shutil
import subprocess

MOST_LINES = 500
MOST_LINES_OF_PRODUCT = 400
MOST_LINES_OF_FUNCTION = 60
PRODUCT = ("actors/", "config/", "messages/", "net/")
MOST_README_LINES = 150  # one screen, or two for the notes
CODE = (".cpp", ".hpp")
MADE_ELSEWHERE = ("LICENSE", "go.sum")
# Their tests stand in folders named like the code they test, whose README speaks for both.
MIRRORS = {"tests/net", "tests/config", "tests/actors"}


NO_FUNCTION = re.compile(r'(namespace|class|struct|enum|union|extern|constexpr|const|#|//|\} |\w+:)')


def _is_source(tree, path):
    return path.endswith((*CODE, ".py", "CMakeLists.txt", ".cmake")) or tree.is_script(path)


def sizes(tree):
    """no file is longer than 500 lines, none of the product's code than 400"""
    for path in tree.paths:
        if not path.endswith(MADE_ELSEWHERE):
            lines = len(tree.lines(path))
            most = MOST_LINES_OF_PRODUCT if path.startswith(PRODUCT) and path.endswith(CODE) else MOST_LINES
            if lines > most:
                yield f"{path}: {lines} lines, at most {most}: split it by subject"


def _bodies(lines, indent):
    """(number of its first line, lines in it) of each function that is indented so."""
    begin, function = None, False
    for number, line in enumerate(lines, 1):
        if line and not line.startswith(indent):
            begin, function = None, False
            continue
        starts = line != indent and line != "" and not line[len(indent)].isspace()
        if starts and line == indent + "}":
            if function and begin is not None:
                yield begin, number - begin - 1
            begin, function = None, False
        elif starts and begin is None:
            function = not NO_FUNCTION.match(line[len(indent):])
        if function and begin is None and line.endswith("{"):
            begin = number


def functions(tree):
    """no function of the product is longer than 60 lines"""
    for path in tree.matching(*CODE):
        if path.startswith(PRODUCT):
            for indent in ("", "  "):
                for begin, lines in _bodies(tree.lines(path), indent):
                    if lines > MOST_LINES_OF_FUNCTION:
                        yield f"{path}:{begin}: {lines} lines, at most {MOST_LINES_OF_FUNCTION}: " \
                              "a function does one thing"


def licence_lines(tree):
    """every source names its licence in its first or, in scripts, second line"""
    for path in tree.paths:
        if _is_source(tree, path) and not any("SPDX-License-Identifier: Apache-2.0" in l for l in tree.lines(path)[:2]):
            yield f"{path}: no SPDX line on top"


def readmes(tree):
    """every folder of the two top levels has a README of one screen"""
    folders = {p.rsplit("/", 1)[0] for p in tree.paths if "/" in p and not p.startswith(".")}
    folders = {"/".join(f.split("/")[:depth]) for f in folders for depth in (1, 2)}
    for folder in sorted(folders - MIRRORS):
        readme = f"{folder}/README.md"
        if not tree.has(readme):
            yield f"{folder}: no README.md (what lives here, what may not, where to begin reading)"
        elif len(tree.lines(readme)) > MOST_README_LINES:
            yield f"{readme}: {len(tree.lines(readme))} lines, at most {MOST_README_LINES}"


def names_of_files(tree):
    """the README of every room of actors/ names each of its files"""
    for path in tree.matching(*CODE):
        folder, file = path.rsplit("/", 1)
        readme = f"{folder}/README.md"
        if not folder.startswith("actors/") or not tree.has(readme):
            continue
        if not re.search(rf"\b{file.rsplit('.', 1)[0]}\b", "\n".join(tree.lines(readme))):
            yield f"{readme}: does not name {file}"


def scripts(tree):
    """scripts can be executed, and bash can read those in bash"""
    for path in tree.paths:
        if not tree.is_script(path):
            continue
        if not os.access(tree.root / path, os.X_OK):
            yield f"{path}: begins with #! but may not be executed (chmod +x)"
        if "bash" in tree.lines(path)[0]:
            done = subprocess.run(["bash", "-n", tree.root / path], stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                yield f"{path}: {done.stderr.strip()}"


def formatted(tree):
    """clang-format has nothing to change"""
    tool = shutil.which("clang-format-14")
    if not tool:
        yield "clang-format-14 is not installed (deploy/packages --tests installs it)"
        return
    paths = tree.matching(*CODE)
    if not paths:
        return
    done = subprocess.run([tool, "--dry-run", "--Werror", *paths], cwd=tree.root, stderr=subprocess.PIPE, text=True)
    wrong = sorted({line.split(":", 1)[0] for line in done.stderr.splitlines() if "clang-format-violations" in line})
    yield from (f"{path}: run clang-format-14 -i {path}" for path in wrong)
    if done.returncode != 0 and not wrong:
        yield done.stderr.strip()


CHECKS = (sizes, functions, licence_lines, readmes, names_of_files, scripts, formatted)
