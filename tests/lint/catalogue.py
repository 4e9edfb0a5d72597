#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each cause has all its texts, their Japanese, a capture whose golden names it, and a look-alike whose golden does not.

catalogue.py MAILWHY

The ids and their order are taken from --list-causes, the texts from src/rules, the Japanese from po/ja.po, the goldens from
tests/pcaps. Prints a line for each fault.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PCAPS = ROOT / "tests" / "pcaps"

# The order of the contract, which breaks ties between causes.
ORDER = """dns-name-not-found dns-no-address dns-server-failure dns-no-answer connect-no-answer port-25-blocked connect-refused
connect-unreachable path-mtu-blackhole connection-lost connection-reset server-closed-early server-silent
device-gave-up-waiting
tls-on-plain-port plain-on-tls-port not-a-mail-server starttls-not-offered starttls-stripped starttls-refused
starttls-required ehlo-missing-after-starttls starttls-broken
tls-version-refused tls-hello-dropped tls-hello-unanswered tls-version-refused-by-device tls-version-refused-by-policy
tls-no-common-cipher tls-security-too-low tls-name-unknown tls-fallback-refused cert-not-trusted cert-expired
cert-name-mismatch cert-refused device-clock-wrong client-cert-required tls-closed-by-device tls-weak-key-exchange
tls-renegotiation tls-alert
auth-method-refused auth-credentials-rejected auth-app-password-required auth-disabled-for-account auth-oauth-required
auth-needs-encryption auth-not-offered auth-no-common-method auth-exchange-broken auth-token-rejected
auth-temporary-failure auth-too-many-tries auth-required pop-before-smtp pop-before-smtp-failed auth-place-blocked
account-suspended auth-password-wrong auth-password-right
sender-refused sender-not-allowed recipient-unknown recipient-refused some-recipients-refused relay-denied mailbox-full
message-too-big message-rejected message-line-endings message-not-finished greylisted quota-used-up too-many-recipients
message-malformed sender-header-mismatch device-silent rate-limited server-busy server-storage-full
server-temporary-error service-refused address-blocked helo-refused command-rejected device-quit-early
device-out-of-turn
encrypted-auth-rejected encrypted-sender-refused encrypted-recipient-refused encrypted-message-rejected
encrypted-delivered encrypted-ended-early
password-in-clear mail-in-clear tls-version-old tls-cipher-weak cert-problem-ignored cert-expires-soon recovered
works-with-other-setting fails-for-every-device fails-for-this-device-only started-failing same-failure-repeated
capture-one-sided capture-missing-packets capture-truncated-packets capture-starts-late capture-cut-short
capture-duplicated capture-packets-dropped capture-limits-reached port-scan-seen no-mail-seen""".split()

# Look-alikes that lie in another cause's folder, or in this one's under another name.
LOOK_ALIKES = {
    "dns-no-address": "dns-name-not-found/typing-error-swaks",
    "dns-server-failure": "dns-no-answer/port-53-dropped",
    "dns-no-answer": "dns-server-failure/servfail",
    "connect-no-answer": "connect-refused/no-465",
    "port-25-blocked": "connect-no-answer/private-relay-25-off",
    "connect-refused": "connect-unreachable/prohibited",
    "connect-unreachable": "connect-no-answer/dropped-587",
    "connection-lost": "connection-reset/middlebox-after-ehlo",
    "connection-reset": "ok/reset-after-quit",
    "server-closed-early": "ok/server-closes-at-quit",
    "server-silent": "ok/slow-greeting",
    "device-gave-up-waiting": "healthy/slow-at-each-step-delivered",
    "not-a-mail-server": "not-mail/dovecot-pop3-110",
    "starttls-refused": "starttls-stripped/postfix-25-command-overwritten",
    "starttls-required": "auth-required/opensmtpd-530",
    "tls-version-refused": "tls-alert/protocol-version-to-second-hello-exim-587",
    "tls-hello-unanswered": "path-mtu-blackhole/icmp-filtered",
    "tls-version-refused-by-device": "tls-version-refused/openssl-tls10-postfix-587",
    "tls-no-common-cipher": "tls-alert/device-handshake-failure-465",
    "tls-fallback-refused": "tls-version-refused/openssl-tls10-postfix-587",
    "cert-refused": "cert-not-trusted/python-tls12-postfix-465",
    "tls-closed-by-device": "tls-hello-dropped/look-alike-device-leaves-465",
    "tls-renegotiation": "tls-alert/unexpected-message-exim-587",
    "tls-alert": "tls-name-unknown/openssl-465",
    "auth-method-refused": "auth-credentials-rejected/postfix-cyrus-cram-md5",
    "auth-credentials-rejected": "auth-app-password-required/gmail-535-plain-refusal",
    "auth-app-password-required": "auth-credentials-rejected/exim-curl-plain",
    "auth-disabled-for-account": "auth-oauth-required/exchange-online-5730",
    "auth-oauth-required": "auth-disabled-for-account/exchange-online-tenant",
    "auth-needs-encryption": "auth-not-offered/exim-503",
    "auth-not-offered": "auth-needs-encryption/exim-503-starttls-listed",
    "auth-no-common-method": "device-quit-early/ehlo-then-quit-587",
    "auth-exchange-broken": "auth-credentials-rejected/plain-after-334",
    "auth-token-rejected": "auth-credentials-rejected/exim-curl-plain",
    "auth-temporary-failure": "auth-too-many-tries/gmail-454",
    "auth-too-many-tries": "auth-temporary-failure/postfix-cyrus-sasldb-unreadable",
    "auth-required": "relay-denied/postfix-25-no-auth",
    "pop-before-smtp": "relay-denied/postfix-25-no-auth",
    "auth-place-blocked": "auth-disabled-for-account/exchange-online-tenant",
    "account-suspended": "auth-disabled-for-account/exchange-online-tenant",
    "sender-refused": "sender-not-allowed/postfix-not-owned",
    "sender-not-allowed": "sender-refused/postfix-reject-at-mail",
    "recipient-unknown": "recipient-refused/exim-550-administrative",
    "recipient-refused": "recipient-unknown/postfix-relay-recipients",
    "some-recipients-refused": "recipient-unknown/swaks-both-of-two",
    "relay-denied": "recipient-refused/postfix-access-denied",
    "mailbox-full": "server-storage-full/postfix-queue-minfree",
    "message-too-big": "mailbox-full/postfix-552",
    "message-rejected": "sender-header-mismatch/fastmail",
    "message-line-endings": "message-malformed/exim-long-line",
    "message-not-finished": "connection-lost/link-cut-in-data",
    "greylisted": "server-temporary-error/postfix-451-lookup",
    "quota-used-up": "rate-limited/postfix-message-rate",
    "too-many-recipients": "some-recipients-refused/postfix-one-of-two",
    "message-malformed": "message-rejected/postfix-header-checks",
    "sender-header-mismatch": "message-rejected/postfix-header-checks",
    "device-silent": "server-busy/postfix-421-client-access",
    "rate-limited": "server-busy/exim-load",
    "server-busy": "rate-limited/postfix-too-many-connections",
    "server-storage-full": "mailbox-full/postfix-552",
    "server-temporary-error": "greylisted/postfix-never-again",
    "service-refused": "server-busy/exim-load",
    "address-blocked": "recipient-refused/postfix-access-denied",
    "helo-refused": "ok/ehlo-refused-then-helo",
    "command-rejected": "helo-refused/postfix-504-need-fqdn",
    "device-quit-early": "ok/postfix-25-plain",
    "device-out-of-turn": "ok/exim-client-pipelining",
    "encrypted-sender-refused": "encrypted-delivered/swaks-plain-tls13-587",
    "encrypted-recipient-refused": "encrypted-delivered/swaks-plain-tls13-587",
    "encrypted-message-rejected": "encrypted-delivered/swaks-plain-tls13-587",
    "encrypted-delivered": "encrypted-auth-rejected/msmtp-plain-tls13-465",
    "encrypted-ended-early": "encrypted-delivered/swaks-plain-tls13-587",
    "password-in-clear": "ok/cram-md5-accepted",
    "mail-in-clear": "ok-tls/python-tls12-postfix-465",
    "tls-version-old": "ok-tls/python-tls12-postfix-465",
    "tls-cipher-weak": "ok-tls/python-cbc-sha256-postfix-587",
    "cert-problem-ignored": "cert-not-trusted/look-alike-trusted-postfix-465",
    "recovered": "greylisted/postfix-never-again",
    "works-with-other-setting": "fails-for-every-device/expired-certificate-587",
    "fails-for-every-device": "fails-for-this-device-only/tls10-and-tls12-postfix-465",
    "fails-for-this-device-only": "fails-for-every-device/three-devices",
    "started-failing": "same-failure-repeated/five-wrong-passwords",
    "same-failure-repeated": "fails-for-this-device-only/old-method",
    "capture-one-sided": "capture-missing-packets/every-seventh",
    "capture-missing-packets": "capture-one-sided/server-side-only",
    "capture-truncated-packets": "capture-cut-short/mid-packet",
    "capture-starts-late": "capture-one-sided/device-side-only",
    "capture-cut-short": "capture-truncated-packets/snaplen-96",
    "capture-duplicated": "ok/segments-resent",
    "no-mail-seen": "no-mail/health-check-silent",
    "auth-password-wrong": "auth-password-right/plala-cram-md5-not-supported",
    "auth-password-right": "auth-password-wrong/postfix-cyrus-cram-md5",
}

# What no file can show.
UNSEEN = {
    "capture-packets-dropped": "the kernel loses packets live only",
    "capture-limits-reached": "needs more connections than a test has",
}

TEXTS = ["title", "headline", "meaning", "explain"]
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def join(strings):
    """The value of adjacent C (or po) string literals."""
    text = "".join(STRING.findall(strings))
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def rows_of(source):
    """{id: {member: has it}} of the tables in one file."""
    found = {}
    parts = re.split(r'\.id = "([^"]+)"', source)
    for cause, body in zip(parts[1::2], parts[2::2]):
        found[cause] = {name for name in TEXTS if re.search(rf"\.{name}\s*=\s*(?:N_\(|[A-Z])", body)}
    return found


def marked_texts(source):
    """All texts in N_()."""
    return {join(m.group(1)) for m in re.finditer(r'\bN_\(\s*((?:"(?:[^"\\]|\\.)*"\s*(?:\\\n\s*)?)+)\)', source)}


def japanese():
    """{English: Japanese} of po/ja.po, without what is fuzzy or empty."""
    words = {}
    for block in re.split(r"\n\s*\n", (ROOT / "po" / "ja.po").read_text(encoding="utf-8")):
        entry = re.search(r'^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)', block, re.M)
        if entry and ", fuzzy" not in block:
            words[join(entry.group(1))] = join(entry.group(2))
    return words


def goldens():
    """{case: set of causes that its expect.ndjson names}."""
    named = {}
    for path in PCAPS.glob("*/*/expect.ndjson"):
        causes = set()
        for line in path.read_text(encoding="utf-8").splitlines():
            causes |= {f["cause"] for f in json.loads(line).get("findings", [])}
        named[str(path.parent.relative_to(PCAPS))] = causes
    return named


def check_texts(ids):
    sources = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "src" / "rules").glob("*.[ch]"))]
    rows = {}
    for source in sources:
        rows.update(rows_of(source))
    for cause in ids:
        for name in TEXTS:
            if name not in rows.get(cause, set()):
                yield f"{cause}: no {name}"
    words = japanese()
    for text in sorted(set().union(*(marked_texts(s) for s in sources))):
        other = words.get(text)
        if not other:
            yield f"po/ja.po: not translated: {text[:90]!r}"
        elif set(re.findall(r"{\w+}", text)) != set(re.findall(r"{\w+}", other)):
            yield f"po/ja.po: other placeholders than in {text[:90]!r}"


def check_order(ids):
    for cause in ids:
        if cause not in ORDER:
            yield f"{cause}: not in the contract's list"
    known = [c for c in ids if c in ORDER]
    wanted = sorted(known, key=ORDER.index)
    for is_there, should in zip(known, wanted):
        if is_there != should:
            yield f"order: {is_there} stands where {should} should"
            return


def check_captures(ids):
    named = goldens()
    for cause in ids:
        if cause in UNSEEN:
            continue
        if not any(cause in causes for causes in named.values()):
            yield f"{cause}: no capture's golden names it"
        alike = [str(p.relative_to(PCAPS)) for p in PCAPS.glob(f"{cause}/look-alike-*")]
        alike += [LOOK_ALIKES[cause]] if cause in LOOK_ALIKES else []
        if not any(case in named and cause not in named[case] for case in alike):
            yield f"{cause}: no look-alike whose golden does not name it ({', '.join(alike) or 'none'})"
    for case, causes in sorted(named.items()):
        for cause in sorted(causes - set(ids)):
            yield f"{case}: its golden names the unknown cause {cause}"


SECTIONS = {
    "en": ["What it means", "How it looks on the wire", "What it is not", "What to do"],
    "ja": ["どういうことか", "通信ではどう見えるか", "原因ではないもの", "対処"],
}


def check_explained(mailwhy, ids):
    """What --explain must say of each cause in each language, and nothing of ours in it."""
    for cause in ids:
        for lang, sections in SECTIONS.items():
            text = subprocess.run([mailwhy, "--explain", cause, "--lang", lang], capture_output=True, text=True,
                                  encoding="utf-8", check=True).stdout
            for section in sections:
                if section not in text.splitlines():
                    yield f"{cause}: --explain --lang {lang} has no \"{section}\""
            if "<…>" in text or (lang == "ja" and re.search(r"<[a-z_]+>", text)):
                yield f"{cause}: --explain --lang {lang} has a placeholder without words"


def main():
    done = subprocess.run([sys.argv[1], "--list-causes"], capture_output=True, text=True, check=True,
                          env={**os.environ, "LC_ALL": "C"})
    ids = [line.split()[0] for line in done.stdout.splitlines()]
    faults = [*check_texts(ids), *check_order(ids), *check_captures(ids), *check_explained(sys.argv[1], ids)]
    for fault in faults:
        print(fault)
    print(f"catalogue: {len(ids)} causes, {len(faults)} faults")
    return 1 if faults or not ids else 0


if __name__ == "__main__":
    sys.exit(main())
