/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_expect.h"

/* permille */
enum {
    ECHO_ALONE = 800,       /* no parameters stand behind the address */
    RCPT_ALIKE = 960,       /* one recipient is accepted in much the same words as the other */
    RCPT_ALIKE_BLOCK = 880, /* how much longer the other address is does not show */
    RCPT_AS_SENDER = 300,
    SENT_IN_STYLE =
        450,           /* who is brief in the envelope is brief about the mail, and adds a number */
    CHUNK_ALIKE = 850, /* the words for a mail, and how many bytes it was */
    REFUSES_ALIKE = 300,
    AUTH_REFUSED_ALIKE = 850,
};

static void be_sure(struct infer_shape *shape, unsigned low, unsigned high, uint16_t permille)
{
    shape->sure.low = (uint16_t)low;
    shape->sure.high = (uint16_t)high;
    shape->sure.permille = permille;
}

/* Who repeats the address: as much longer than without it as the command has. */
static void expect_echo(const struct path *p, const struct infer_answer *row, unsigned range,
                        struct infer_shape *shape)
{
    unsigned frame = infer_frame((enum infer_owed)row->owed);
    if (p->asked <= frame)
        return;
    unsigned length = shape->sure.low + p->asked - frame;
    be_sure(shape, length, length + range, ECHO_ALONE);
}

/* As long as the words for the recipient before; where they repeat the address, longer or shorter by
 * as much as the command is. */
static bool expect_rcpt_again(const struct path *p, unsigned range, struct infer_shape *shape)
{
    uint16_t alike = range > 0 ? RCPT_ALIKE_BLOCK : RCPT_ALIKE;
    if (p->ok == 0 || (!shape->echoes && alike <= shape->sure.permille))
        return false;
    if (shape->echoes && range > 0 && p->ok > range) {
        be_sure(shape, p->ok - range, p->ok + 2 * range, alike);
        return true;
    }
    int longer = p->asked > 0 && p->ok_asked > 0 ? p->asked - p->ok_asked : 0;
    int echoed = p->ok + longer;
    be_sure(shape, p->ok, p->ok + range, alike);
    if (longer == 0 || echoed < shape->min || echoed > UINT16_MAX)
        return true;
    shape->sure.permille = alike / 2;
    shape->peaks[0].length = (uint16_t)((unsigned)echoed + range / 2);
    shape->peaks[0].percent = (uint8_t)(alike / 20);
    return true;
}

bool infer_expect(const struct path *p, const struct infer_answer *row,
                  const struct infer_item *item, struct infer_shape *shape)
{
    enum { NUMBER = 45, CHUNK = 40 };
    unsigned range = item->high - item->low, known = shape->sure.permille;
    bool rcpt = row->effect == DOES_ACCEPT_RCPT;
    if (rcpt && p->flags & PATH_RCPT_OK)
        return expect_rcpt_again(p, range, shape);
    if (shape->echoes)
        expect_echo(p, row, range, shape);
    else if (rcpt && p->ok > 0 && RCPT_AS_SENDER > known)
        be_sure(shape, p->ok, p->ok + range, RCPT_AS_SENDER);
    else if (row->message == MSG_SENT && p->flags & PATH_CHUNKS && known > 0)
        be_sure(shape, shape->sure.low, shape->sure.high + CHUNK, CHUNK_ALIKE);
    else if (row->message == MSG_SENT && p->ok > 0 && SENT_IN_STYLE > known)
        be_sure(shape, p->ok, p->ok + range + NUMBER, SENT_IN_STYLE);
    else if ((row->message == MSG_NO || row->message == MSG_DATA_NO) && p->no > 0)
        be_sure(shape, p->no, p->no + range, REFUSES_ALIKE);
    else if (row->message == MSG_AUTH_NO && p->auth_no > 0)
        be_sure(shape, p->auth_no, p->auth_no + range, AUTH_REFUSED_ALIKE);
    else
        return false;
    return true;
}

void infer_note_words(struct path *p, const struct infer_answer *row, const struct infer_item *item)
{
    uint16_t length = infer_length_of(item);
    if (row->effect == DOES_ACCEPT_RCPT || row->message == MSG_MAIL_OK) {
        p->ok = length;
        p->ok_asked = p->asked;
    } else if (row->message == MSG_NO || row->message == MSG_DATA_NO) {
        p->no = length;
    } else if (row->message == MSG_AUTH_NO) {
        p->auth_no = length;
    }
}
