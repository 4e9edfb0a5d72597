/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/fact.h"

#include "facts/timeline.h"

#define NAME(names, i)                                                                             \
    ((unsigned)(i) < sizeof(names) / sizeof *(names) && (names)[i] ? (names)[i] : "")

const char *fact_kind_name(enum fact_kind kind)
{
    static const char *const names[FACT_KINDS] = {
        [FACT_SYN] = "syn",
        [FACT_SYN_ACK] = "syn-ack",
        [FACT_OPEN] = "open",
        [FACT_FIN] = "fin",
        [FACT_RST] = "rst",
        [FACT_RESEND] = "resend",
        [FACT_ZERO_WINDOW] = "zero-window",
        [FACT_GAP] = "gap",
        [FACT_CONFLICT] = "conflict",
        [FACT_ICMP] = "icmp-error",
        [FACT_OTHER_PROTOCOL] = "other-protocol",
        [FACT_SMTP_COMMAND] = "command",
        [FACT_SMTP_REPLY] = "reply",
        [FACT_SMTP_CAPABILITIES] = "capabilities",
        [FACT_AUTH] = "auth",
        [FACT_AUTH_STEP] = "auth-step",
        [FACT_AUTH_IDENTITY] = "auth-identity",
        [FACT_MESSAGE] = "message",
        [FACT_SMTP_NOISE] = "noise",
        [FACT_CLIENT_HELLO] = "client-hello",
        [FACT_SERVER_HELLO] = "server-hello",
        [FACT_CERTIFICATE] = "certificate",
        [FACT_KEY_EXCHANGE] = "server-key-exchange",
        [FACT_CERTIFICATE_REQUEST] = "certificate-request",
        [FACT_SERVER_HELLO_DONE] = "server-hello-done",
        [FACT_CLIENT_KEY_EXCHANGE] = "client-key-exchange",
        [FACT_ENCRYPTED] = "encrypted",
        [FACT_TLS_UP] = "tls-up",
        [FACT_TLS_ALERT] = "alert",
        [FACT_TLS_BROKEN] = "tls-broken",
        [FACT_DNS_QUERY] = "dns-query",
        [FACT_DNS_ANSWER] = "dns-answer",
        [FACT_POP3_SIGN_IN] = "pop3-sign-in",
        [FACT_DROPPED] = "facts-dropped",
    };
    return NAME(names, kind);
}

const char *smtp_verb_name(enum smtp_verb verb)
{
    static const char *const names[SMTP_VERBS] = {
        [SMTP_EHLO] = "EHLO",         [SMTP_HELO] = "HELO",       [SMTP_LHLO] = "LHLO",
        [SMTP_STARTTLS] = "STARTTLS", [SMTP_AUTH] = "AUTH",       [SMTP_MAIL] = "MAIL",
        [SMTP_RCPT] = "RCPT",         [SMTP_DATA] = "DATA",       [SMTP_BDAT] = "BDAT",
        [SMTP_RSET] = "RSET",         [SMTP_NOOP] = "NOOP",       [SMTP_QUIT] = "QUIT",
        [SMTP_VRFY] = "VRFY",         [SMTP_EXPN] = "EXPN",       [SMTP_HELP] = "HELP",
        [SMTP_ETRN] = "ETRN",         [SMTP_XCLIENT] = "XCLIENT", [SMTP_BURL] = "BURL",
    };
    return NAME(names, verb);
}

const char *smtp_step_name(enum smtp_step step)
{
    static const char *const names[SMTP_STEPS] = {
        [STEP_GREETING] = "greeting", [STEP_EHLO] = "ehlo",   [STEP_STARTTLS] = "starttls",
        [STEP_AUTH] = "auth",         [STEP_MAIL] = "mail",   [STEP_RCPT] = "rcpt",
        [STEP_DATA] = "data",         [STEP_END] = "end",     [STEP_RSET] = "rset",
        [STEP_QUIT] = "quit",         [STEP_OTHER] = "other", [STEP_UNASKED] = "unasked",
    };
    return NAME(names, step);
}

static const char *const mechanisms[AUTH_MECHANISMS] = {
    [AUTH_PLAIN] = "PLAIN",
    [AUTH_LOGIN] = "LOGIN",
    [AUTH_CRAM_MD5] = "CRAM-MD5",
    [AUTH_DIGEST_MD5] = "DIGEST-MD5",
    [AUTH_NTLM] = "NTLM",
    [AUTH_GSSAPI] = "GSSAPI",
    [AUTH_SCRAM_SHA_1] = "SCRAM-SHA-1",
    [AUTH_SCRAM_SHA_256] = "SCRAM-SHA-256",
    [AUTH_SCRAM_SHA_1_PLUS] = "SCRAM-SHA-1-PLUS",
    [AUTH_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
    [AUTH_XOAUTH2] = "XOAUTH2",
    [AUTH_OAUTHBEARER] = "OAUTHBEARER",
    [AUTH_EXTERNAL] = "EXTERNAL",
    [AUTH_ANONYMOUS] = "ANONYMOUS",
};

const char *auth_mechanism_name(enum auth_mechanism mechanism)
{
    return NAME(mechanisms, mechanism);
}

enum auth_mechanism auth_mechanism_from(struct bytes name)
{
    for (unsigned m = 0; m < AUTH_MECHANISMS; m++)
        if (mechanisms[m] && bytes_equal_nocase(name, bytes_str(mechanisms[m])))
            return (enum auth_mechanism)m;
    return name.len > 0 ? AUTH_OTHER : AUTH_NONE;
}

const uint16_t *fact_view_places(enum fact_kind kind)
{
#define VIEW(member) offsetof(struct fact, member)
    static const uint16_t places[FACT_KINDS][FACT_MAX_VIEWS] = {
        [FACT_SMTP_COMMAND] = { VIEW(command.arg) },
        [FACT_SMTP_REPLY] = { VIEW(reply.text) },
        [FACT_SMTP_CAPABILITIES] = { VIEW(capabilities.auth_words) },
        [FACT_AUTH] = { VIEW(auth.name) },
        [FACT_AUTH_IDENTITY] = { VIEW(identity.user) },
        [FACT_MESSAGE] = { VIEW(message.from_header) },
        [FACT_DNS_QUERY] = { VIEW(dns.name) },
        [FACT_DNS_ANSWER] = { VIEW(dns.name) },
        [FACT_POP3_SIGN_IN] = { VIEW(pop3.text) },
        [FACT_CLIENT_HELLO] = { VIEW(client_hello.ciphers), VIEW(client_hello.groups),
                                VIEW(client_hello.signatures), VIEW(client_hello.sni),
                                VIEW(client_hello.alpn), VIEW(client_hello.extensions),
                                VIEW(client_hello.versions) },
        [FACT_CERTIFICATE] = { VIEW(certificate.subject), VIEW(certificate.issuer),
                               VIEW(certificate.top_issuer), VIEW(certificate.names) },
    };
#undef VIEW
    static const uint16_t none[1];
    return (unsigned)kind < FACT_KINDS ? places[kind] : none;
}

static size_t digits(unsigned n)
{
    return n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : n < 10000 ? 4 : 5;
}

uint16_t fact_reply_bytes(const struct fact *f)
{
    enum { CODE_AND_CRLF = 6, DOTS_AND_BLANK = 3 };
    const struct fact_smtp_reply *r = &f->reply;
    const struct smtp_enhanced *e = &r->enhanced; /* the text is without it */
    size_t enhanced =
        e->class == 0 ? 0
                      : digits(e->class) + digits(e->subject) + digits(e->detail) + DOTS_AND_BLANK;
    size_t lines = r->lines > 0 ? r->lines : 1,
           bytes = r->text.len + lines * (CODE_AND_CRLF + enhanced) - (lines - 1);
    return f->flags & FACT_CLIPPED || bytes > UINT16_MAX ? 0 : (uint16_t)bytes;
}
