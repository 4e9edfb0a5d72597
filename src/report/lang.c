/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/lang.h"

#include <stdlib.h>
#include <string.h>

#include "report/lang_tables.h"

bool lang_parse(const char *name, enum lang *lang)
{
    static const struct {
        const char *name;
        enum lang lang;
    } known[] = {
        { "en", LANG_EN },
        { "ja", LANG_JA },
        { "C", LANG_EN },
        { "POSIX", LANG_EN },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].name);
        if (strncmp(name, known[i].name, n) == 0 && (name[n] == '\0' || strchr("_-.@", name[n]))) {
            *lang = known[i].lang;
            return true;
        }
    }
    return false;
}

enum lang lang_from_environment(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    enum lang lang = LANG_EN;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (!value || !*value)
            continue;
        lang_parse(value, &lang);
        break;
    }
    return lang;
}

static int compare(const void *key, const void *row)
{
    return strcmp(key, ((const struct translation *)row)->english);
}

const char *lang_text(enum lang lang, const char *english)
{
    if (lang != LANG_JA || lang_ja_count == 0)
        return english;
    const struct translation *t = bsearch(english, lang_ja, lang_ja_count, sizeof *t, compare);
    return t ? t->text : english;
}
