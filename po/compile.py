#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles a .po file to a C table: compile.py MSGFMT LANGUAGE IN.po OUT.c

msgfmt reads and checks the file; its catalogue becomes rows sorted by the English in byte order, so
that the program needs no locale, no installation and no open file to speak a language.
"""
import gettext
import subprocess
import sys
import tempfile


def c_string(text):
    out = []
    for byte in text.encode():
        if byte in b'"\\':
            out.append('\\' + chr(byte))
        elif 32 <= byte < 127 and byte != ord('?'):
            out.append(chr(byte))
        else:
            out.append('\\%03o' % byte)
    return '"' + ''.join(out) + '"'


def main():
    msgfmt, language, source, target = sys.argv[1:]
    with tempfile.NamedTemporaryFile(suffix='.mo') as mo:
        subprocess.run([msgfmt, '--check-format', '-o', mo.name, source], check=True)
        with open(mo.name, 'rb') as f:
            catalogue = gettext.GNUTranslations(f)._catalog
    rows = sorted((k.encode(), k, v) for k, v in catalogue.items() if isinstance(k, str) and k and v)
    with open(target, 'w', encoding='ascii') as out:
        out.write('#include "report/lang_tables.h"\n\n')
        out.write('const struct translation lang_%s[] = {\n' % language)
        for _, english, text in rows:
            out.write('    { %s,\n      %s },\n' % (c_string(english), c_string(text)))
        if not rows:
            out.write('    { "", "" },\n')
        out.write('};\nconst size_t lang_%s_count = %d;\n' % (language, len(rows)))


main()
