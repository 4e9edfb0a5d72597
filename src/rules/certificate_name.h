/* SPDX-License-Identifier: BSD-3-Clause */
/* Does a certificate hold for a name (RFC 6125, RFC 9525)? */
#ifndef MAILWHY_RULES_CERTIFICATE_NAME_H
#define MAILWHY_RULES_CERTIFICATE_NAME_H

#include "base/bytes.h"

/* names: those of the certificate, by a space; "*." stands for one label. Case does not count, nor a last dot. */
bool certificate_names_match(struct bytes names, struct bytes wanted);

/* Of these names the one that a person can enter as the server and that is most like the wanted one; empty where
 * there are wildcards only. */
struct bytes certificate_name_to_enter(struct bytes names, struct bytes wanted);

/* What a name must end in to fit a wildcard of the certificate, such as ".example.jp"; empty without one. Of
 * several the one most like the wanted name. */
struct bytes certificate_name_ending(struct bytes names, struct bytes wanted);

#endif
