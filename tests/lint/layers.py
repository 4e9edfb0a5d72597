#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who may include whom. Reads the #include lines of src/ and dissectors/; prints file:line for each that breaks a rule."""
import fnmatch
import os
import re
import sys

import c_source

# Each room, and the rooms below it that it may see beside itself. Nothing includes upwards or sideways.
ROOMS = {
    "base": "",
    "facts": "base",
    "capture": "base",
    "packet": "base capture",
    "dissectors": "base facts",
    "history": "base facts",
    "flow": "base facts packet",
    "derive": "base facts history",
    "rules": "base facts history",
    "evidence": "base facts capture packet",
    "session": "base facts capture packet flow dissectors",
    "report": "base facts history rules",
    "sinks": "base report",
    "engine": "base facts capture session derive history rules",
    "app": "base facts capture packet dissectors history flow derive rules evidence session report sinks engine",
}

# A library lives in one room: its headers, and the files that may see them.
LIBRARIES = [
    ("pcap.h pcap/*", "src/capture/*"),
    ("ndpi*", "src/session/ndpi.[ch] src/session/classify.[ch]"),
    ("openssl/*", "dissectors/certificate.c dissectors/tls_crypto.c dissectors/ja4.c src/derive/chain.c "
                  "src/derive/password.c"),
    ("iconv.h", "src/derive/password_forms.c"),
    ("zlib.h zstd.h zstd_errors.h", "src/capture/decompress.c"),
    ("xxhash.h", "src/base/table.c"),
    ("seccomp.h sys/prctl.h sys/capability.h", "src/app/sandbox.c"),
    ("getopt.h termios.h signal.h pwd.h grp.h sys/wait.h locale.h", "src/app/*"),
    ("net/if.h sys/ioctl.h linux/*", "src/capture/* src/app/*"),
    ("pthread.h threads.h stdatomic.h", "src/engine/jobs.c src/app/*"),
    ("malloc.h", "src/base/mem.c"),
    ("assert.h setjmp.h alloca.h cmocka.h", ""),
]
# libc and POSIX for everybody.
LIBC = set("""ctype.h errno.h fcntl.h float.h inttypes.h limits.h math.h poll.h stdarg.h stdbool.h stddef.h stdint.h stdio.h
stdlib.h string.h strings.h time.h unistd.h wchar.h arpa/inet.h netinet/in.h sys/mman.h sys/random.h sys/resource.h
sys/socket.h sys/stat.h sys/time.h sys/types.h""".split())
GENERATED = {"mailwhy_config.h"}

INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]*)[>\"]", re.M)


def room_of(path):
    parts = path.split(os.sep)
    return parts[0] if parts[0] == "dissectors" else parts[1]


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, p) for p in patterns.split())


def complaint(path, header, system):
    room = room_of(path)
    if room not in ROOMS:
        return f"room '{room}' is not in the table"
    if system:
        for headers, where in LIBRARIES:
            if matches(header, headers):
                return None if matches(path, where) else f"<{header}> is for {where or 'nobody'}"
        return None if header in LIBC else f"<{header}> is in no list"
    if header in GENERATED:
        return None
    target = header.split("/")[0]
    if "/" not in header or target not in ROOMS:
        return f"\"{header}\" names no room"
    if target != room and target not in ROOMS[room].split():
        return f"{room} may not include {target} (\"{header}\")"
    place = header if target == "dissectors" else os.path.join("src", header)
    if not os.path.exists(os.path.join(c_source.ROOT, place)):
        return f"\"{header}\" is not there"
    return None


def circles():
    """The table itself: each room must stand above all that it may include."""
    done, left = set(), dict(ROOMS)
    while left:
        free = [r for r, below in left.items() if set(below.split()) <= done]
        if not free:
            return [f"tests/lint/layers.py: the table goes in a circle: {' '.join(sorted(left))}"]
        done.update(free)
        for r in free:
            del left[r]
    return []


def main():
    wrong, files, lines = circles(), 0, 0
    for path in c_source.paths("src", "dissectors"):
        files += 1
        text = c_source.blank(c_source.read(path), strings=False)
        for match in INCLUDE.finditer(text):
            lines += 1
            why = complaint(path, match.group(2), match.group(1) == "<")
            if why:
                wrong.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {why}")
    if files == 0:
        wrong.append("no source found")
    for line in wrong:
        print(line)
    print(f"layers: {files} files, {lines} includes, {len(wrong)} against the table")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
