/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/judging.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/ask_password.h"
#include "app/tables.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/words.h"
#include "derive/chain.h"
#include "derive/password.h"

struct judging {
    struct trust *trust;
    struct tables *tables;
    struct secret *secret;
    struct password *password;
};

static bool read_roots(struct judging *j, const char *name)
{
    FILE *f = fopen(name, "rb"); /* for the reason, should there be one */
    if (!f) {
        log_error("--ca-file \"%s\": it cannot be opened: %s", name, strerror(errno));
        return false;
    }
    fclose(f);
    if (trust_add_file(j->trust, name) == STATUS_OK)
        return true;
    log_error(
        "--ca-file \"%s\": there is no certificate in it that can be read. In PEM form each begins with a line -----BEGIN CERTIFICATE-----; "
        "all of them have to be whole",
        name);
    return false;
}

static bool read_password(struct judging *j, const struct options *o)
{
    if (o->password_file)
        j->secret = ask_password_file(o->password_file);
    else
        j->secret = ask_password_terminal(
            lang_text(o->lang, N_("Password of the mail account (it is not shown): ")));
    if (!j->secret)
        return false;
    j->password = password_new(NULL, j->secret);
    if (!j->password)
        log_error("there is not enough memory to begin");
    return j->password != NULL;
}

struct judging *judging_new(const struct options *o)
{
    struct judging *j = mem_alloc(NULL, sizeof *j);
    if (j)
        j->trust = trust_new(NULL);
    bool ready = j && j->trust;
    if (!ready)
        log_error("there is not enough memory to begin");
    if (ready && o->ca_file)
        ready = read_roots(j, o->ca_file);
    if (ready)
        ready = (j->tables = tables_new(o)) != NULL;
    if (ready && o->check_password)
        ready = read_password(j, o);
    if (!ready) {
        judging_free(j);
        return NULL;
    }
    return j;
}

struct trust *judging_trust(const struct judging *j)
{
    return j->trust;
}

struct knowledge judging_knowledge(const struct judging *j)
{
    return tables_knowledge(j->tables);
}

struct password *judging_password(const struct judging *j)
{
    return j->password;
}

void judging_tell(const struct judging *j)
{
    if (!j || !j->password)
        return;
    struct password_counts n = password_counts(j->password);
    if (n.doubtful > 0)
        log_warning(
            "--check-password: nothing is said of the sign-ins that do not fit the password as it was given (%llu seen): it has letters beyond "
            "ASCII, and the device may have written it in another character set",
            (unsigned long long)n.doubtful);
    else if (n.checked > 0)
        return;
    else if (n.unchecked > 0)
        log_warning(
            "--check-password: no sign-in could be checked (%llu seen): it was broken off before the password, does not keep to the form of its method, "
            "or is not whole in the capture",
            (unsigned long long)n.unchecked);
    else if (n.without_password > 0)
        log_warning(
            "--check-password: the sign-ins are by methods that cannot be checked against a password");
    else
        log_warning(
            "--check-password: no sign-in was found that can be read; one inside encryption needs a key (--keylog, --rsa-key)");
}

void judging_free(struct judging *j)
{
    if (!j)
        return;
    tables_free(j->tables);
    password_free(j->password);
    secret_free(j->secret);
    trust_free(j->trust);
    mem_free(NULL, j, sizeof *j);
}
