#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""layers.py and banned.py find what they are for: each is run over a small tree with one fault a file."""
import contextlib
import io
import os
import sys
import tempfile

import banned
import c_source
import layers

TREE = {
    "src/base/good.c": '#include <stdint.h>\n/* strcpy(a, b) */ const char *s = "sprintf(";\nvoid f(void) { m->free(m); xfree(m); }\n',
    "src/base/up.c": '#include "facts/fact.h"\n',
    "src/facts/fact.h": "",
    "src/rules/sideways.c": '#include "report/story.h"\n',
    "src/report/story.h": "",
    "src/flow/library.c": "#include <pcap/pcap.h>\n",
    "src/flow/unknown.c": "#include <curl/curl.h>\n",
    "src/flow/gone.c": '#include "flow/gone.h"\n',
    "src/flow/no_room.c": '#include "gone.h"\n',
    "src/attic/new.c": "#include <stdint.h>\n",
    "dissectors/secret.c": "#include <openssl/evp.h>\n",
    "dissectors/calls.c": "void f(void)\n{\n    strcpy (a, b);\n    x = malloc(2); memcpy(a, b, 2);\n    assert(x);\n    printf(\"%d\", 1);\n}\n",
}
LAYERS = ["dissectors/secret.c:1", "src/attic/new.c:1", "src/base/up.c:1", "src/flow/gone.c:1", "src/flow/library.c:1", "src/flow/no_room.c:1",
          "src/flow/unknown.c:1", "src/rules/sideways.c:1"]
CALLS = ["dissectors/calls.c:3", "dissectors/calls.c:4", "dissectors/calls.c:4", "dissectors/calls.c:5", "dissectors/calls.c:6"]


def places(script):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = script.main()
    lines = out.getvalue().splitlines()[:-1]
    return status, [":".join(line.split(":")[:2]) for line in lines]


def main():
    with tempfile.TemporaryDirectory() as top:
        for path, text in TREE.items():
            os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
            with open(os.path.join(top, path), "w", encoding="utf-8") as f:
                f.write(text)
        c_source.ROOT = top
        found = places(layers), places(banned)
    expected = (1, LAYERS), (1, CALLS)
    if found != expected:
        print(f"expected {expected}\nfound    {found}")
        return 1
    print("lint: each fault was found, and no other")
    return 0


sys.exit(main())
