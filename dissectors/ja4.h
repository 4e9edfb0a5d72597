/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JA4, the fingerprint of a ClientHello by which kinds of devices can be told apart: transport,
 * version, name or not, counts and protocol in clear, then the sorted cipher suites and extensions
 * as truncated SHA-256. Published by FoxIO; the method itself is free to use (BSD 3-Clause).
 */
#ifndef MAILWHY_DISSECTORS_JA4_H
#define MAILWHY_DISSECTORS_JA4_H

#include "dissectors/tls_handshake.h"

/* Of a complete hello over TCP; "" for one that is cut short, is in the SSLv2 form (which has no
 * JA4), or lists more than fits. */
void ja4_text(const struct tls_client_hello *hello, char text[JA4_TEXT_SIZE]);

#endif
