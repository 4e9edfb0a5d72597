/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_expect.h"

/* permille */
enum {
    ECHO_ALONE = 800,  /* no parameters stand behind the address */
    ALIKE = 960,       /* what is accepted once is accepted again in much the same words */
    ALIKE_BLOCK = 880, /* where they repeat the address, a block hides by how much they differ */
    SENT_ALIKE = 800,  /* numbers in it change */
    CHUNK_ALIKE = 850, /* the words for a mail, and how many bytes it was */
    RCPT_AS_SENDER = 300,
    SENT_IN_STYLE = 450, /* brief as in the envelope, and with a number */
    REFUSED_ALIKE = 300,
    AUTH_REFUSED_ALIKE = 850,
};

static enum heard kind_of(const struct infer_answer *row)
{
    if (row->effect == DOES_ACCEPT_RCPT)
        return HEARD_RCPT;
    switch (row->message) {
    case MSG_MAIL_OK:
        return HEARD_MAIL;
    case MSG_DATA_GO:
        return HEARD_GO;
    case MSG_SENT:
        return HEARD_SENT;
    case MSG_NO:
    case MSG_DATA_NO:
        return HEARD_NO;
    case MSG_AUTH_NO:
        return HEARD_AUTH_NO;
    default:
        return HEARD_KINDS;
    }
}

static bool be_sure(struct infer_shape *shape, unsigned low, unsigned high, uint16_t permille)
{
    shape->sure.low = (uint16_t)low;
    shape->sure.high = (uint16_t)high;
    shape->sure.permille = permille;
    return true;
}

/* Who repeats the address: as much longer than without it as the command has. */
static bool expect_echo(const struct path *p, const struct infer_answer *row, unsigned range,
                        struct infer_shape *shape)
{
    unsigned frame = infer_frame((enum infer_owed)row->owed);
    if (p->asked <= frame)
        return true;
    unsigned length = shape->sure.low + p->asked - frame;
    return be_sure(shape, length, length + range, ECHO_ALONE);
}

/* As long as the words for the one before, which were so long when asked for with so many bytes; where
 * they repeat the address, longer or shorter by as much as the command is. */
static bool expect_again(const struct path *p, unsigned length, unsigned asked, unsigned range,
                         struct infer_shape *shape)
{
    uint16_t alike = range > 0 ? ALIKE_BLOCK : ALIKE;
    if (!shape->echoes && alike <= shape->sure.permille)
        return false;
    if (shape->echoes && range > 0 && length > range)
        return be_sure(shape, length - range, length + 2 * range, alike);
    int longer = p->asked > 0 && asked > 0 ? (int)p->asked - (int)asked : 0;
    int echoed = (int)length + longer;
    be_sure(shape, length, length + range, alike);
    if (longer == 0 || echoed < shape->min || echoed > UINT16_MAX)
        return true;
    shape->sure.permille = alike / 2;
    shape->peaks[0].length = (uint16_t)((unsigned)echoed + range / 2);
    shape->peaks[0].percent = (uint8_t)(alike / 20);
    return true;
}

static bool expect_sender(const struct path *p, const struct infer_answer *row, unsigned range,
                          struct infer_shape *shape)
{
    if (p->heard[HEARD_MAIL] > 0)
        return expect_again(p, p->heard[HEARD_MAIL], p->mail_asked, range, shape);
    return shape->echoes && expect_echo(p, row, range, shape);
}

static bool expect_recipient(const struct path *p, const struct infer_answer *row, unsigned range,
                             struct infer_shape *shape)
{
    unsigned sender = p->heard[HEARD_MAIL];
    if (p->heard[HEARD_RCPT] > 0)
        return expect_again(p, p->heard[HEARD_RCPT], p->rcpt_asked, range, shape);
    if (shape->echoes)
        return expect_echo(p, row, range, shape);
    return sender > 0 && RCPT_AS_SENDER > shape->sure.permille &&
           be_sure(shape, sender, sender + range, RCPT_AS_SENDER);
}

static bool expect_sent(const struct path *p, unsigned range, struct infer_shape *shape)
{
    enum { NUMBER = 45, NUMBER_CHANGES = 3, CHUNK = 40 };
    unsigned known = shape->sure.permille, before = p->heard[HEARD_SENT];
    unsigned style = p->heard[HEARD_RCPT] > 0 ? p->heard[HEARD_RCPT] : p->heard[HEARD_MAIL];
    if (p->flags & PATH_CHUNKS && known > 0)
        return be_sure(shape, shape->sure.low, shape->sure.high + CHUNK, CHUNK_ALIKE);
    if (before > NUMBER_CHANGES && SENT_ALIKE > known)
        return be_sure(shape, before - NUMBER_CHANGES, before + range + NUMBER_CHANGES, SENT_ALIKE);
    return style > 0 && SENT_IN_STYLE > known &&
           be_sure(shape, style, style + range + NUMBER, SENT_IN_STYLE);
}

bool infer_expect(const struct path *p, const struct infer_answer *row,
                  const struct infer_item *item, struct infer_shape *shape)
{
    unsigned range = item->high - item->low;
    enum heard kind = kind_of(row);
    unsigned before = kind < HEARD_KINDS ? p->heard[kind] : 0;
    switch (kind) {
    case HEARD_MAIL:
        return expect_sender(p, row, range, shape);
    case HEARD_RCPT:
        return expect_recipient(p, row, range, shape);
    case HEARD_SENT:
        return expect_sent(p, range, shape);
    case HEARD_GO:
        return before > 0 && ALIKE > shape->sure.permille &&
               be_sure(shape, before, before + range, ALIKE);
    case HEARD_NO:
        return before > 0 && be_sure(shape, before, before + range, REFUSED_ALIKE);
    case HEARD_AUTH_NO:
        return before > 0 && be_sure(shape, before, before + range, AUTH_REFUSED_ALIKE);
    default:
        return false;
    }
}

void infer_note_words(struct path *p, const struct infer_answer *row, const struct infer_item *item)
{
    enum heard kind = kind_of(row);
    if (kind == HEARD_KINDS)
        return;
    p->heard[kind] = infer_length_of(item);
    if (kind == HEARD_MAIL)
        p->mail_asked = p->asked;
    else if (kind == HEARD_RCPT)
        p->rcpt_asked = p->asked;
}
