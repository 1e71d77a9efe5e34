# SPDX-License-Identifier: Apache-2.0
"""A small tree with one fault for each check, to show that the check finds it there and nowhere else in the tree."""
import pathlib
import tempfile

from tree import Tree

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = SPDX + "#pragma once\n"

# Check's name -> (path, text, part of what the check must say). The text breaks that check's rule.
FAULTS = {
    "sizes": ("net/long.cpp", SPDX + "\n" * 500, "501 lines"),
    "functions": ("net/wide.cpp", SPDX + "void f() {\n" + "  g();\n" * 61 + "}\n", "61 lines, at most 60"),
    "licence_lines": ("net/bare.cpp", "int x = 0;\n", "no SPDX line"),
    "readmes": ("config/one.cpp", SPDX, "config: no README.md"),
    "names_of_files": ("actors/http/page.cpp", SPDX, "actors/http/README.md: does not name page.cpp"),
    "scripts": ("deploy/start", "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\n", "may not be executed"),
    "formatted": ("net/format.cpp", SPDX + "int  x=0 ;\n", "clang-format-14 -i"),
    "directions": ("net/dns/up.hpp", HEADER + '#include "net/loop.hpp"\n', "net/dns may not use net"),
    "bags": ("actors/runtime/pinned.hpp", HEADER + "".join(f'#include "net/part{i}.hpp"\n' for i in range(16)), "16 headers"),
    "libraries": ("net/kube/actor.hpp", HEADER + "#include <caf/actor.hpp>\n", "may not include <caf/actor.hpp>"),
    "once": ("net/twice.hpp", SPDX, "no #pragma once"),
    "finished": ("net/later.cpp", SPDX + "// TODO: think\n", "unfinished"),
    "no_test_is_skipped": ("tests/net/a_test.cpp", SPDX + "void f() { GTEST_SKIP(); }\n", "counts as failed"),
    "no_unit_test_sleeps": ("tests/net/b_test.cpp", SPDX + "void f() { std::this_thread::sleep_for(1s); }\n", "sleeps"),
    "supervision_in_one_place": ("actors/http/pages.cpp", SPDX + "void f() { self->monitor(other); }\n", "monitors"),
    "atoms_in_one_place": ("messages/loop.hpp", HEADER + 'using a = caf::atom_constant<caf::atom("a")>;\n', "atoms stand in"),
    "no_caf_below": ("config/name.cpp", SPDX + "caf::actor a;\n", "names CAF"),
    "picture_of_the_tree": ("actors/runtime/supervision.cpp", SPDX + '  {"loop", "loop"},\n  {"zone/NS", "zone"},\n',
                            "zone/NS stands in no picture"),
    "directives_are_named": ("config/directives.def", SPDX + "TROUPE_STAGE(hosts, true)\n", "no row of the table of directives names hosts"),
    "messages_are_explained": ("messages/zone.hpp", HEADER + "using a = protocol<\n  caf::result<void>(int)>;\n",
                               "without a comment"),
}
CLEAN = {
    "README.md": "# Tree\n",
    "net/README.md": "# net\n",
    "net/loop.hpp": HEADER,
    **{f"net/part{i}.hpp": HEADER for i in range(16)},
    "net/dns/README.md": "# net/dns\n",
    "actors/README.md": "# actors\n\n    ├─ loop      probes\n",
    "actors/http/README.md": "# actors/http\n\npages\n",
    "messages/README.md": "# messages\n",
    "messages/query.hpp": HEADER + "using a = protocol<\n    // From b: all of it. Nothing comes back.\n"
                                   "    caf::result<void>(int)>;\n",
}


def _write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _problems(check):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in CLEAN.items():
            _write(root, path, text)
        if before := list(check(Tree(root))):
            return [f"finds a fault in a clean tree: {before}"]
        if check.__name__ not in FAULTS:
            return ["faults.py has no fault for it"]
        path, text, says = FAULTS[check.__name__]
        _write(root, path, text)
        found = list(check(Tree(root)))
        if len(found) != 1 or says not in found[0]:
            return [f"wanted one finding with '{says}' for {path}, got {found}"]
    return []


def results(checks):
    return [(f"the check '{check.__name__}' finds its fault", _problems(check)) for check in checks]
