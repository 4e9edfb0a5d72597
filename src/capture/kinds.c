/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/kinds.h"

#include "base/cursor.h"

#define SAVE       " Save the capture as pcap or pcapng in Wireshark, or with tcpdump -w."
#define CONVERT    " Open it in Wireshark, save it as pcapng, and give mailwhy that file."
#define UNPACK     " Unpack it first, and give mailwhy the capture inside."
#define NO_CAPTURE "This is not a capture file"

struct kind {
    size_t at; /* where in the file */
    const char *magic;
    size_t len;
    const char *explain;
};

#define MAGIC(m) m, sizeof m - 1

static const struct kind kinds[] = {
    /* captures, but of other kinds */
    { 0, MAGIC("snoop\0\0\0"),
      "This is a capture in Solaris snoop format, which mailwhy does not read." CONVERT },
    { 0, MAGIC("RTSS"),
      "This is a capture of Microsoft Network Monitor 1, which mailwhy does not read." CONVERT },
    { 0, MAGIC("GMBU"),
      "This is a capture of Microsoft Network Monitor 2, which mailwhy does not read." CONVERT },
    { 0, MAGIC("TRSNIFF data    \x1a"),
      "This is a capture of a Sniffer, which mailwhy does not read." CONVERT },
    { 0, MAGIC("XCP\0"),
      "This is a capture of a Windows Sniffer, which mailwhy does not read." CONVERT },
    { 0, MAGIC("\x7fver"),
      "This is a capture of EtherPeek or OmniPeek, which mailwhy does not read." CONVERT },
    { 0, MAGIC("iptrace "),
      "This is a capture of AIX iptrace, which mailwhy does not read." CONVERT },
    { 0, MAGIC("\x05VNF"),
      "This is a capture of Visual Networks, which mailwhy does not read." CONVERT },
    { 74, MAGIC("\x01\xc0"),
      "This is a Windows event trace (.etl). Turn it into a capture on the Windows computer "
      "with 'pktmon etl2pcap FILE', and give mailwhy the result." },
    { 74, MAGIC("\x02\xc0"),
      "This is a Windows event trace (.etl). Turn it into a capture on the Windows computer "
      "with 'pktmon etl2pcap FILE', and give mailwhy the result." },
    { 0, MAGIC("\x0d\x0a\x0d\x0d\x0d\x0a"),
      "This was a pcapng capture, but it was damaged by being copied as text. "
      "Copy it once more in binary mode." },
    { 0, MAGIC("\x0a\x0d\x0a"),
      "This was a pcapng capture, but it was damaged by being copied as text. "
      "Copy it once more in binary mode." },
    { 0, MAGIC("\x0a\x0d\x0d\x0a"),
      "This file begins like a pcapng capture, but its first block is damaged. "
      "Copy it once more, or capture again." },
    /* packed */
    { 0,
      MAGIC("\xfd"
            "7zXZ\0"),
      "This file is packed with xz." UNPACK },
    { 0, MAGIC("BZh"), "This file is packed with bzip2." UNPACK },
    { 0, MAGIC("\x04\x22\x4d\x18"), "This file is packed with lz4." UNPACK },
    { 0, MAGIC("\x1f\x9d"), "This file is packed with compress." UNPACK },
    { 0, MAGIC("\x1f\x8b"), "This file is packed twice." UNPACK },
    { 0, MAGIC("\x28\xb5\x2f\xfd"), "This file is packed twice." UNPACK },
    { 0, MAGIC("PK\x03\x04"), "This is a ZIP archive (or an Office document)." UNPACK },
    { 0, MAGIC("Rar!"), "This is a RAR archive." UNPACK },
    { 0, MAGIC("7z\xbc\xaf\x27\x1c"), "This is a 7-Zip archive." UNPACK },
    { 257, MAGIC("ustar"), "This is a tar archive." UNPACK },
    /* no captures at all */
    { 0, MAGIC("\x89PNG"), NO_CAPTURE " (it begins like a PNG picture)." SAVE },
    { 0, MAGIC("\xff\xd8\xff"), NO_CAPTURE " (it begins like a JPEG picture)." SAVE },
    { 0, MAGIC("GIF8"), NO_CAPTURE " (it begins like a GIF picture)." SAVE },
    { 0, MAGIC("BM"), NO_CAPTURE " (it begins like a BMP picture)." SAVE },
    { 0, MAGIC("RIFF"), NO_CAPTURE " (it begins like a picture, sound or film)." SAVE },
    { 4, MAGIC("ftyp"), NO_CAPTURE " (it begins like a film)." SAVE },
    { 0, MAGIC("%PDF"), NO_CAPTURE " (it begins like a PDF document)." SAVE },
    { 0, MAGIC("\xd0\xcf\x11\xe0"), NO_CAPTURE " (it begins like an Office document)." SAVE },
    { 0,
      MAGIC("\x7f"
            "ELF"),
      NO_CAPTURE " (it begins like a Linux program)." SAVE },
    { 0, MAGIC("MZ"), NO_CAPTURE " (it begins like a Windows program)." SAVE },
    { 0, MAGIC("SQLite format 3"), NO_CAPTURE " (it is a database)." SAVE },
    { 0, MAGIC("<!DOCTYPE html"),
      NO_CAPTURE ", it is a web page: perhaps the download gave an error page." SAVE },
    { 0, MAGIC("<html"),
      NO_CAPTURE ", it is a web page: perhaps the download gave an error page." SAVE },
    { 0, MAGIC("<?xml"),
      NO_CAPTURE " (it is XML; Wireshark's PDML export holds no packets)." SAVE },
    { 0, MAGIC("-----BEGIN "), NO_CAPTURE " (it is a key or a certificate in PEM form)." SAVE },
    { 0, MAGIC("CLIENT_RANDOM "),
      NO_CAPTURE " (it is a TLS key log; give it with --keylog beside the capture)." SAVE },
};

static bool kind_is(const struct kind *kind, struct bytes start)
{
    struct bytes here = bytes_first(bytes_after(start, kind->at), kind->len);
    return bytes_equal(here, bytes_of(kind->magic, kind->len));
}

/* tcpdump prints "12:34:56.789012 IP …", perhaps after a date. */
static bool is_tcpdump_line(struct bytes line)
{
    static const char shape[] = "00:00:00.000000 ";
    if (line.len > 11 && line.at[4] == '-' && line.at[7] == '-')
        line = bytes_after(line, 11);
    if (line.len < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool digit = line.at[i] >= '0' && line.at[i] <= '9';
        if (shape[i] == '0' ? !digit : line.at[i] != (uint8_t)shape[i])
            return false;
    }
    return true;
}

/* Its first bytes are all characters that stand in a text. */
static bool is_text(struct bytes start)
{
    start = bytes_first(start, 512);
    for (size_t i = 0; i < start.len; i++) {
        uint8_t c = start.at[i];
        if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1b))
            return false;
    }
    return true;
}

static const char *explain_text(struct bytes start)
{
    struct bytes line = start;
    while (bytes_starts_nocase(line, "tcpdump:") ||
           bytes_starts_nocase(line, "reading from file") ||
           bytes_starts_nocase(line, "listening on")) {
        ptrdiff_t end = bytes_find(line, '\n');
        line = bytes_after(line, end < 0 ? line.len : (size_t)end + 1);
        if (line.len == 0)
            line = bytes_str("00:00:00.000000 ");
    }
    if (is_tcpdump_line(line))
        return "This is the text that tcpdump prints, not the packets themselves. Run tcpdump again with "
               "-w FILE, and give mailwhy that file.";
    if (bytes_starts_nocase(start, "Frame 1:") || bytes_starts_nocase(start, "No.     Time"))
        return "This is a text export of Wireshark, not the packets themselves." SAVE;
    if (bytes_starts_nocase(start, "Received: ") || bytes_starts_nocase(start, "Return-Path: "))
        return NO_CAPTURE ", it is a mail. mailwhy needs the network packets of its sending." SAVE;
    return NO_CAPTURE ", it is a text." SAVE;
}

/* ERF has no magic: the first record's type and lengths have to agree, and the second's too. */
static bool is_erf(struct bytes start)
{
    struct cursor c = cursor_of(start);
    for (int record = 0; record < 2; record++) {
        cursor_skip(&c, 8);
        uint8_t type = cursor_u8(&c) & 0x7f;
        cursor_skip(&c, 1);
        uint16_t record_len = cursor_u16(&c);
        cursor_skip(&c, 2);
        uint16_t wire_len = cursor_u16(&c);
        if (!cursor_ok(&c) || type == 0 || type > 48 || record_len < 32 || wire_len == 0)
            return false;
        cursor_skip(&c, (size_t)record_len - 16);
    }
    return cursor_ok(&c);
}

static bool is_zeros(struct bytes start)
{
    for (size_t i = 0; i < start.len; i++)
        if (start.at[i] != 0)
            return false;
    return true;
}

const char *kinds_explain(struct bytes start)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kind_is(&kinds[i], start))
            return kinds[i].explain;
    if (start.len >= 4 && is_zeros(start))
        return NO_CAPTURE
            ": it begins with zeros only, so the copy of it has failed. Copy it once more.";
    if (start.len > 0 && is_text(start))
        return explain_text(start);
    if (is_erf(start))
        return "This seems to be a capture in Endace ERF format, which mailwhy does not read." CONVERT;
    if (start.len < 4)
        return "This file is too short to be a capture. Copy it once more, or capture again.";
    return NO_CAPTURE " of a kind that mailwhy knows." SAVE;
}
