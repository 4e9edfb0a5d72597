#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Calls that src/ and dissectors/ do not make, with the files where they may stand. Prints file:line for each that does."""
import fnmatch
import re
import sys

import c_source

# (functions, files that may call them, what to use)
BANNED = [
    ("strcpy stpcpy strcat strncpy strncat sprintf vsprintf gets", "", "text_add() and text_format(), or bytes_copy()"),
    ("atoi atol atoll atof sscanf fscanf scanf", "", "a cursor, or strtoul() with its end looked at"),
    ("strtok strtok_r", "", "a cursor"),
    ("alloca", "", "mem_alloc()"),
    ("malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf aligned_alloc posix_memalign", "src/base/mem.c",
     "mem_alloc(), mem_resize(), mem_free() with a budget"),
    ("assert", "", "check()"),
    ("memcpy mempcpy", "src/base/*", "bytes_copy()"),
    ("memmove", "src/base/* src/capture/stream.c", "bytes_copy(), where the two do not overlap"),
    ("printf vprintf puts putchar fprintf vfprintf fputs fputc perror", "src/app/* src/base/log.c src/base/check.c",
     "a return value: rooms below app do not print"),
    ("exit _exit quick_exit abort", "src/app/* src/base/check.c", "a return value: rooms below app do not end the program"),
    ("system popen execl execlp execle execv execvp execve", "", "nothing: the program starts no other"),
    ("rand srand random srandom drand48", "", "the seed of base/table.h; nothing else is random"),
    ("localtime gmtime asctime ctime", "", "localtime_r(), gmtime_r()"),
    ("time gettimeofday clock clock_gettime", "src/app/* src/capture/live.c src/base/log.c src/base/table.c", "the packets' clock"),
    ("setlocale gettext", "", "the tables built from po/"),
]
ALLOWED = {name: (where, instead) for names, where, instead in BANNED for name in names.split()}
# A name before an opening bracket that is no member and no part of a longer name.
CALL = re.compile(r"(?<![\w.>])(?:" + "|".join(sorted(ALLOWED, key=len, reverse=True)) + r")(?=\s*\()")


def main():
    wrong, files = [], 0
    for path in c_source.paths("src", "dissectors"):
        files += 1
        text = c_source.blank(c_source.read(path), strings=True)
        # a format attribute names a function without calling it
        text = re.sub(r"__attribute__\s*\(\(.*?\)\)", lambda m: " " * len(m.group(0)), text)
        for match in CALL.finditer(text):
            where, instead = ALLOWED[match.group(0)]
            if not any(fnmatch.fnmatchcase(path, p) for p in where.split()):
                wrong.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group(0)}(): use {instead}")
    if files == 0:
        wrong.append("no source found")
    for line in wrong:
        print(line)
    print(f"banned: {files} files, {len(ALLOWED)} calls looked for, {len(wrong)} found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
