/* SPDX-License-Identifier: BSD-3-Clause */
/* Does a certificate hold for a name (RFC 6125, RFC 9525)? */
#ifndef MAILWHY_RULES_CERTIFICATE_NAME_H
#define MAILWHY_RULES_CERTIFICATE_NAME_H

#include "base/bytes.h"

/* names: those of the certificate, by a space; "*." stands for one label. Case does not count, nor a last dot. */
bool certificate_names_match(struct bytes names, struct bytes wanted);

#endif
