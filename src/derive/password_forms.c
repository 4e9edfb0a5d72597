/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/password_forms.h"

#include <iconv.h>

#include "base/limits.h"
#include "base/mem.h"

/* NULL where it cannot be written so. */
static struct secret *convert(const char *system_name, struct bytes utf8)
{
    char in[PASSWORD_MAX], out[2 * PASSWORD_MAX];
    char *from = in, *to = out;
    size_t from_left = bytes_copy((uint8_t *)in, sizeof in, utf8), to_left = sizeof out;
    iconv_t way = iconv_open(system_name, "UTF-8");
    if (way == (iconv_t)-1)
        return NULL;
    bool good = from_left == utf8.len && iconv(way, &from, &from_left, &to, &to_left) == 0 &&
                iconv(way, NULL, NULL, &to, &to_left) == 0; /* back to ASCII at the end */
    iconv_close(way);
    size_t n = sizeof out - to_left;
    struct secret *s = good ? secret_new(n) : NULL;
    if (s && !secret_add(s, bytes_of(out, n))) {
        secret_free(s);
        s = NULL;
    }
    mem_wipe(in, sizeof in);
    mem_wipe(out, sizeof out);
    return s;
}

static bool is_new(const struct password_forms *f, const struct secret *s, struct bytes utf8)
{
    bool is = !secret_equal(s, utf8);
    for (size_t i = 0; i < f->count; i++)
        is = is && !secret_equal(s, secret_bytes(f->all[i].text));
    return is;
}

void password_forms_make(struct password_forms *f, struct bytes utf8)
{
    static const struct {
        const char *charset, *system_name;
    } sets[PASSWORD_FORMS_MAX] = {
        { PASSWORD_LATIN_1, "ISO-8859-1" }, { "windows-1252", "CP1252" },
        { "Shift_JIS", "CP932" }, /* as devices have it, with the makers' own letters */
        { "EUC-JP", "EUC-JP" },         { "ISO-2022-JP", "ISO-2022-JP" },
    };
    f->count = 0;
    for (size_t i = 0; i < PASSWORD_FORMS_MAX; i++) {
        struct secret *s = convert(sets[i].system_name, utf8);
        if (!s || !is_new(f, s, utf8)) {
            secret_free(s);
            continue;
        }
        f->all[f->count].charset = sets[i].charset;
        f->all[f->count++].text = s;
    }
}

void password_forms_free(struct password_forms *f)
{
    for (size_t i = 0; i < f->count; i++)
        secret_free(f->all[i].text);
    f->count = 0;
}
