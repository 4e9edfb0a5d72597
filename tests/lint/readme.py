#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""README shows a real output: what the program says of the sample today. usage: readme.py MAILWHY"""
import difflib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLE = "tests/pcaps/story/2-starttls-tls10/capture.pcap"
BEFORE = "It answers:\n\n```\n"


def main():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        readme = f.read()
    if BEFORE not in readme or SAMPLE not in readme:
        sys.exit("README.md does not show the sample's output")
    shown = readme.split(BEFORE, 1)[1].split("```", 1)[0]
    env = {"PATH": os.environ["PATH"], "TZ": "UTC", "COLUMNS": "80", "LANG": "C.UTF-8"}
    said = subprocess.run([os.path.abspath(sys.argv[1]), SAMPLE], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True,
                          encoding="utf-8", check=False).stdout
    difference = list(difflib.unified_diff(shown.splitlines(), said.splitlines(), "README.md", "mailwhy", lineterm="", n=0))
    print("\n".join(difference) or "readme: the output shown is today's")
    return 1 if difference else 0


sys.exit(main())
