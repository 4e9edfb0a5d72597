/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is spoken on a connection, told by its port and by the first bytes of both sides, however
 * they are cut. Our own table decides; nDPI (ndpi.h) is asked for a name alone.
 */
#ifndef MAILWHY_SESSION_CLASSIFY_H
#define MAILWHY_SESSION_CLASSIFY_H

#include "base/bytes.h"
#include "facts/timeline.h"

/* 25, 465, 587, 2525: mail until shown otherwise. */
bool port_is_mail(uint16_t port);
enum { PORT_POP3 = 110, PORT_POP3_TLS = 995 };
/* 110, 995: the device fetches mail there, which is no attempt. */
bool port_is_pop3(uint16_t port);

enum spoken {
    SPOKEN_UNDECIDED, /* too little so far */
    SPOKEN_SMTP,
    SPOKEN_TLS,
    SPOKEN_OTHER,    /* named: *name */
    SPOKEN_NOT_MAIL, /* at a port that is none of mail's: nothing for us */
    SPOKEN_UNNAMED,  /* at a mail port: neither SMTP nor TLS, nor in our table */
};

struct first_bytes {
    struct bytes device, server; /* from the start of each stream, as far as seen */
    bool from_start;             /* the connection's opening was seen */
    uint16_t server_port;
};

/* *name is set for SPOKEN_OTHER: a constant. *by: who spoke it. */
enum spoken classify(const struct first_bytes *first, const char **name, enum side *by);
/* The protocol of a server whose first bytes these are, where it is none of mail's: a constant
 * name; NULL: none of our table's, *more: too short to tell. */
const char *classify_server(struct bytes first, bool *more);
/* Could a connection at a port that is none of mail's, whose first payload is this, be SMTP?
 * Cheap. */
bool classify_worth_a_look(struct bytes payload);
/* Does the device begin as a mail server that hands over to a mail store (RFC 2033)? */
bool classify_is_lmtp(struct bytes device);
/* No control characters but those of lines? */
bool classify_is_text(struct bytes b);
/* Do these bytes look like what a mail server says (a greeting)? For connections whose opening was
 * not seen. */
bool classify_is_greeting(struct bytes payload);

#endif
