/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng (draft-ietf-opsawg-pcapng): blocks of a type, a length, a body and the length again. A
 * section begins the world anew: its byte order, its interfaces. After damage there is no
 * trustworthy place to go on, so reading stops there and says where.
 */
#include "base/mem.h"
#include "capture/file.h"
#include "capture/link_type.h"
#include "capture/order.h"

enum block_type {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET_OLD = 2,
    BLOCK_PACKET_SIMPLE = 3,
    BLOCK_NAMES = 4,
    BLOCK_PACKET = 6,
    BLOCK_JOURNAL = 9,
    BLOCK_SECRETS = 10,
    BLOCK_SYSDIG = 0x204,
    BLOCK_SYSDIG_V2 = 0x216,
    BLOCK_SYSDIG_V2_LARGE = 0x221,
    BLOCK_CUSTOM = 0xbad,
    BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
    BLOCK_CUSTOM_KEEP = 0x40000bad,
};

enum {
    BLOCK_HEAD_BYTES = 8,
    BLOCK_TAIL_BYTES = 4,
    BLOCK_MIN_BYTES = BLOCK_HEAD_BYTES + BLOCK_TAIL_BYTES,
    SECTION_MIN_BYTES = BLOCK_MIN_BYTES + 16,
    /* Wireshark's limit of a block of any kind */
    BLOCK_MAX_BYTES = 134348832,
    /* a block that is looked into stands in memory whole; longer ones are passed over */
    BLOCK_WHOLE_BYTES = 8 << 20,
    /* each interface stood in the file, so this only bounds what a hostile one costs */
    INTERFACES_MAX = 65536,
    PACKET_HEAD_BYTES = 20, /* of the body: interface, time, lengths */
};

enum { OPTION_END = 0, OPTION_IF_TSRESOL = 9, OPTION_IF_TSOFFSET = 14 };

enum { ORDER_MAGIC = 0x1a2b3c4d };

enum { SECRETS_TLS_KEY_LOG = 0x544c534b };

enum { DEFAULT_TIME_DIGITS = 6, NS_DIGITS = 9, MOST_DIGITS = 19 /* of 64 bits */ };

/* Times beyond 1824 and 2116 are told as these, so that differences of times always fit. */
#define TIME_FARTHEST ((INT64_C(1) << 62) - 1)

struct interface {
    uint16_t link_type;
    uint8_t exponent; /* a unit is 10^-exponent or, where binary, 2^-exponent seconds */
    bool binary;
    uint8_t digits; /* of a second, for people */
    uint32_t snap_len;
    uint64_t per_second; /* decimal: units in a second; 0: more than 64 bits can count */
    uint64_t scale;      /* decimal: ns in a unit, or units in a ns where that is more */
    int64_t offset;      /* seconds */
};

struct block {
    uint32_t type;
    uint64_t position;
    struct bytes body;
};

/* Seconds and the nanoseconds beyond them, kept within what can be told. */
static int64_t clamp_time(uint64_t seconds, uint64_t ns, int64_t offset)
{
    const int64_t most = TIME_FARTHEST / TIME_SECOND;
    int64_t sum;
    if (seconds > INT64_MAX || __builtin_add_overflow((int64_t)seconds, offset, &sum) || sum > most)
        return TIME_FARTHEST;
    if (sum < -most)
        return -TIME_FARTHEST;
    int64_t time = sum * TIME_SECOND + (int64_t)ns;
    return time < TIME_FARTHEST ? time : TIME_FARTHEST;
}

static int64_t binary_time(const struct interface *i, uint64_t units)
{
    unsigned exponent = i->exponent;
    if (exponent >= 64)
        return clamp_time(0, 0, i->offset); /* 64 bits of such units are less than a second */
    uint64_t seconds = units >> exponent, rest = units & ((UINT64_C(1) << exponent) - 1);
    if (exponent > 32) {
        rest >>= exponent - 32;
        exponent = 32;
    }
    return clamp_time(seconds, rest * (uint64_t)TIME_SECOND >> exponent, i->offset);
}

static int64_t interface_time(const struct interface *i, uint32_t high, uint32_t low)
{
    uint64_t units = (uint64_t)high << 32 | low;
    if (i->binary)
        return binary_time(i, units);
    uint64_t seconds = i->per_second > 0 ? units / i->per_second : 0;
    uint64_t rest = units - seconds * i->per_second;
    if (i->exponent <= NS_DIGITS)
        return clamp_time(seconds, rest * i->scale, i->offset);
    return clamp_time(seconds, i->scale > 0 ? rest / i->scale : 0, i->offset);
}

/* 10 to the power of n; 0 where that has no room. */
static uint64_t power_of_ten(int n)
{
    uint64_t power = 1;
    for (int i = 0; i < n; i++)
        power *= 10;
    return n <= MOST_DIGITS ? power : 0;
}

static void set_resolution(struct interface *i, uint8_t resolution)
{
    i->binary = resolution & 0x80;
    i->exponent = resolution & 0x7f;
    unsigned digits = i->binary ? i->exponent * 3u / 10 : i->exponent;
    i->digits = (uint8_t)(digits < NS_DIGITS ? digits : NS_DIGITS);
    i->per_second = power_of_ten(i->exponent);
    i->scale =
        power_of_ten(i->exponent <= NS_DIGITS ? NS_DIGITS - i->exponent : i->exponent - NS_DIGITS);
}

static bool read_interface_options(struct interface *i, struct cursor *c, bool big)
{
    while (cursor_left(c) > 0) {
        uint16_t code = order_u16(c, big), len = order_u16(c, big);
        struct cursor value = cursor_block(c, len);
        cursor_skip(c, -(size_t)len & 3);
        if (code == OPTION_END || !cursor_ok(c))
            break;
        if (code == OPTION_IF_TSRESOL && len >= 1)
            set_resolution(i, cursor_u8(&value));
        else if (code == OPTION_IF_TSOFFSET && len >= 8)
            i->offset = (int64_t)order_u64(&value, big);
    }
    return cursor_ok(c);
}

static enum status read_interface(struct file *file, const struct block *block)
{
    struct pcapng *p = &file->pcapng;
    if (p->count == INTERFACES_MAX)
        return file_damaged(file, block->position, "it describes more than %d interfaces",
                            INTERFACES_MAX);
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 4;
        struct interface *more =
            mem_resize(NULL, p->interfaces, p->room * sizeof *more, room * sizeof *more);
        if (!more)
            return source_fail(&file->source, STATUS_NO_MEMORY, "There is not enough memory.");
        p->interfaces = more;
        p->room = room;
    }
    struct interface *i = &p->interfaces[p->count];
    struct cursor c = cursor_of(block->body);
    *i = (struct interface) { 0 };
    i->link_type = link_type_from_file(order_u16(&c, p->big_endian));
    cursor_skip(&c, 2);
    i->snap_len = order_u32(&c, p->big_endian);
    set_resolution(i, DEFAULT_TIME_DIGITS);
    if (!read_interface_options(i, &c, p->big_endian))
        return file_damaged(file, block->position,
                            "the description of an interface is too short for what it says");
    p->count++;
    return STATUS_OK;
}

static enum status read_section(struct file *file, const struct block *block)
{
    struct pcapng *p = &file->pcapng;
    struct cursor c = cursor_of(block->body);
    cursor_skip(&c, 4);
    uint16_t major = order_u16(&c, p->big_endian), minor = order_u16(&c, p->big_endian);
    cursor_skip(&c, 8);
    if (!cursor_ok(&c))
        return file_damaged(file, block->position, "a section header is too short");
    if (major != 1 || (minor != 0 && minor != 2))
        return source_fail(
            &file->source, STATUS_UNSUPPORTED,
            "The part of the file that begins at byte %llu is pcapng of version %u.%u, which "
            "mailwhy does not read. Open it in Wireshark, save it anew, and give mailwhy that "
            "file.",
            (unsigned long long)block->position, major, minor);
    p->count = 0;
    return STATUS_OK;
}

/* Frames that Wireshark numbers but that are no packets: they count, and are not handed on. */
static enum status count_other(struct file *file, const struct block *block, size_t head)
{
    if (block->body.len < head)
        return file_damaged(file, block->position, "a block is too short for its kind");
    file->source.stats.packets++;
    file->source.stats.bytes += block->body.len - head;
    return STATUS_OK;
}

static enum status emit_packet(struct file *file, struct batch *batch, const struct block *block,
                               const struct interface *i, struct frame *frame)
{
    if (frame->bytes.len > FRAME_MAX_BYTES)
        return file_damaged(file, block->position,
                            "packet %llu claims %zu bytes, more than a packet can have",
                            (unsigned long long)file->source.stats.packets + 1, frame->bytes.len);
    frame->number = (uint32_t)(file->source.stats.packets + 1);
    frame->link_type = i->link_type;
    frame->time_digits = i->digits;
    if (frame->wire_len < frame->bytes.len)
        frame->wire_len = (uint32_t)frame->bytes.len;
    source_emit(&file->source, batch, frame);
    return STATUS_OK;
}

static enum status no_interface(struct file *file, const struct block *block, uint32_t id)
{
    if (file->pcapng.count == 0)
        return file_damaged(file, block->position,
                            "a packet comes before any interface is described");
    return file_damaged(file, block->position,
                        "a packet belongs to interface %u, but only %zu are described", id,
                        file->pcapng.count);
}

/* Enhanced packet blocks, and the obsolete kind, whose interface has 16 bits and a drop count after
 * it. */
static enum status read_packet(struct file *file, struct batch *batch, const struct block *block)
{
    const struct pcapng *p = &file->pcapng;
    bool big = p->big_endian;
    struct bytes head = bytes_first(block->body, PACKET_HEAD_BYTES);
    uint32_t id = header_u32(head, 0, big), captured = header_u32(head, 12, big);
    if (block->type == BLOCK_PACKET_OLD)
        id = big ? id >> 16 : id & 0xffff;
    if (head.len < PACKET_HEAD_BYTES)
        return file_damaged(file, block->position, "the block of a packet is too short");
    if (id >= p->count)
        return no_interface(file, block, id);
    if (captured > block->body.len - PACKET_HEAD_BYTES)
        return file_damaged(file, block->position,
                            "a packet claims %u bytes, but its block has no room for them",
                            captured);
    const struct interface *i = &p->interfaces[id];
    struct frame frame = {
        .bytes = bytes_of(block->body.at + PACKET_HEAD_BYTES, captured),
        .time = interface_time(i, header_u32(head, 4, big), header_u32(head, 8, big)),
        .wire_len = header_u32(head, 16, big),
    };
    return emit_packet(file, batch, block, i, &frame);
}

/* A simple packet block: no time, the first interface, and its snap length says how much is
 * there. */
static enum status read_simple_packet(struct file *file, struct batch *batch,
                                      const struct block *block)
{
    const struct pcapng *p = &file->pcapng;
    struct bytes head = bytes_first(block->body, 4);
    if (head.len < 4)
        return file_damaged(file, block->position, "the block of a packet is too short");
    if (p->count == 0)
        return no_interface(file, block, 0);
    const struct interface *i = &p->interfaces[0];
    struct frame frame = { .time = TIME_NONE, .wire_len = header_u32(head, 0, p->big_endian) };
    uint32_t captured =
        i->snap_len > 0 && i->snap_len < frame.wire_len ? i->snap_len : frame.wire_len;
    if (captured > block->body.len - head.len)
        return file_damaged(file, block->position,
                            "a packet claims %u bytes, but its block has no room for them",
                            captured);
    frame.bytes = bytes_of(block->body.at + head.len, captured);
    return emit_packet(file, batch, block, i, &frame);
}

static enum status read_names(struct file *file, const struct block *block)
{
    if (!extras_add_names(&file->source.extras, block->body, file->pcapng.big_endian))
        file->source.stats.skipped_blocks++;
    return STATUS_OK;
}

static enum status read_secrets(struct file *file, const struct block *block)
{
    struct cursor c = cursor_of(block->body);
    uint32_t type = order_u32(&c, file->pcapng.big_endian),
             len = order_u32(&c, file->pcapng.big_endian);
    struct bytes text = cursor_bytes(&c, len);
    if (!cursor_ok(&c))
        return file_damaged(file, block->position,
                            "a block of secrets is too short for what it says");
    if (type != SECRETS_TLS_KEY_LOG) {
        file->source.stats.skipped_blocks++;
    } else if (!extras_add_secrets(&file->source.extras, text)) {
        file->source.stats.skipped_blocks++;
        file->source.stats.skipped_secrets++;
    }
    return STATUS_OK;
}

static enum status read_block(struct file *file, struct batch *batch, const struct block *block)
{
    switch (block->type) {
    case BLOCK_PACKET:
    case BLOCK_PACKET_OLD:
        return read_packet(file, batch, block);
    case BLOCK_PACKET_SIMPLE:
        return read_simple_packet(file, batch, block);
    case BLOCK_SECTION:
        return read_section(file, block);
    case BLOCK_INTERFACE:
        return read_interface(file, block);
    case BLOCK_NAMES:
        return read_names(file, block);
    case BLOCK_SECRETS:
        return read_secrets(file, block);
    case BLOCK_JOURNAL:
        return count_other(file, block, 0);
    case BLOCK_CUSTOM:
    case BLOCK_CUSTOM_KEEP:
        return count_other(file, block, 4);
    case BLOCK_SYSDIG:
    case BLOCK_SYSDIG_V2:
    case BLOCK_SYSDIG_V2_LARGE:
        return count_other(file, block, 20);
    default:
        file->source.stats.skipped_blocks++;
        return STATUS_OK;
    }
}

/* Has a frame number in Wireshark without being a packet? */
static bool is_numbered(uint32_t type)
{
    return type == BLOCK_JOURNAL || type == BLOCK_CUSTOM || type == BLOCK_CUSTOM_KEEP ||
           type == BLOCK_SYSDIG || type == BLOCK_SYSDIG_V2 || type == BLOCK_SYSDIG_V2_LARGE;
}

static bool is_read_whole(uint32_t type)
{
    return type == BLOCK_PACKET || type == BLOCK_PACKET_OLD || type == BLOCK_PACKET_SIMPLE ||
           type == BLOCK_SECTION || type == BLOCK_INTERFACE;
}

/* A section header says in its body in which byte order its lengths are. */
static enum status set_order(struct file *file, struct bytes head, uint64_t position)
{
    if (header_u32(head, BLOCK_HEAD_BYTES, false) == ORDER_MAGIC)
        file->pcapng.big_endian = false;
    else if (header_u32(head, BLOCK_HEAD_BYTES, true) == ORDER_MAGIC)
        file->pcapng.big_endian = true;
    else
        return file_damaged(file, position, "a section header has no byte order mark");
    return STATUS_OK;
}

static enum status check_length(struct file *file, uint32_t type, uint32_t len, uint64_t position)
{
    if (len < BLOCK_MIN_BYTES || (type == BLOCK_SECTION && len < SECTION_MIN_BYTES))
        return file_damaged(file, position,
                            "a block claims %u bytes, fewer than its kind must have", len);
    if (len > BLOCK_MAX_BYTES || (len > BLOCK_WHOLE_BYTES && is_read_whole(type)))
        return file_damaged(file, position, "a block claims %u bytes, more than its kind can have",
                            len);
    return STATUS_OK;
}

/* Both lengths of a block are rounded up to 32 bits, as Wireshark does: some writers forget to. */
static uint32_t round_up(uint32_t len)
{
    return len > UINT32_MAX - 3 ? len : (len + 3) & ~UINT32_C(3);
}

static enum status check_tail(struct file *file, struct bytes tail, uint32_t len, uint64_t position)
{
    uint32_t again = header_u32(tail, 0, file->pcapng.big_endian);
    if (round_up(again) == len)
        return STATUS_OK;
    return file_damaged(file, position,
                        "the two lengths of a block differ: %u at its start and %u at its end", len,
                        again);
}

/* A long block that is not looked into was passed over: its end has to be right all the same. */
static enum status finish_long_block(struct file *file, size_t *need)
{
    struct pcapng *p = &file->pcapng;
    struct bytes window = stream_window(&file->stream);
    *need = BLOCK_TAIL_BYTES;
    if (window.len < BLOCK_TAIL_BYTES)
        return STATUS_OK;
    enum status status = check_tail(file, window, p->block_bytes, p->block_position);
    p->trailer_due = status != STATUS_OK;
    if (status == STATUS_OK)
        stream_take(&file->stream, BLOCK_TAIL_BYTES);
    *need = 0;
    return status;
}

static void begin_long_block(struct file *file, uint32_t type, uint32_t len, uint64_t position)
{
    struct pcapng *p = &file->pcapng;
    p->trailer_due = true;
    p->block_bytes = len;
    p->block_position = position;
    file->source.stats.skipped_blocks++;
    file->source.stats.skipped_secrets += type == BLOCK_SECRETS;
    file->source.stats.packets += is_numbered(type);
    stream_skip(&file->stream, len - BLOCK_TAIL_BYTES);
}

/* One block out of the window. *need is 0 when it was taken, else how many bytes it needs. */
static enum status step(struct file *file, struct batch *batch, size_t *need)
{
    struct pcapng *p = &file->pcapng;
    if (p->trailer_due)
        return finish_long_block(file, need);
    struct bytes window = stream_window(&file->stream);
    struct block block = { header_u32(window, 0, p->big_endian),
                           file->stream.position,
                           { NULL, 0 } };
    enum status status = STATUS_OK;
    *need = BLOCK_MIN_BYTES;
    if (window.len < BLOCK_MIN_BYTES)
        return STATUS_OK;
    if (block.type == BLOCK_SECTION)
        status = set_order(file, window, block.position);
    uint32_t len = round_up(header_u32(window, 4, p->big_endian));
    if (status == STATUS_OK)
        status = check_length(file, block.type, len, block.position);
    *need = 0;
    if (status != STATUS_OK)
        return status;
    if (len > BLOCK_WHOLE_BYTES) {
        begin_long_block(file, block.type, len, block.position);
        return STATUS_OK;
    }
    if (window.len < len) {
        *need = len;
        return STATUS_OK;
    }
    struct bytes content = bytes_first(window, len - BLOCK_TAIL_BYTES);
    status = check_tail(file, bytes_after(window, content.len), len, block.position);
    block.body = bytes_after(content, BLOCK_HEAD_BYTES);
    if (status == STATUS_OK)
        status = read_block(file, batch, &block);
    if (status == STATUS_OK)
        stream_take(&file->stream, len);
    return status;
}

/* Where the block began of which the stream's end has left only a part. */
static uint64_t block_position(const struct file *file)
{
    return file->pcapng.trailer_due ? file->pcapng.block_position : file->stream.position;
}

static enum status more_bytes(struct file *file, size_t need, bool *paused)
{
    enum stream_answer answer = stream_want(&file->stream, need);
    *paused = answer == STREAM_PAUSE;
    if (answer != STREAM_ENDED)
        return STATUS_OK;
    return file_end(file, file->pcapng.trailer_due ? "long block" : "block", block_position(file));
}

enum status pcapng_next(struct file *file, struct batch *batch)
{
    bool paused = false;
    while (!paused) {
        size_t need = 0;
        enum status status = STATUS_OK;
        while (status == STATUS_OK && need == 0 && batch->count < BATCH_FRAMES)
            status = step(file, batch, &need);
        if (batch->count > 0)
            return STATUS_OK; /* what is wrong is found again by the next call */
        if (status != STATUS_OK || file_filtered_all(file))
            return status;
        status = more_bytes(file, need, &paused);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status pcapng_begin(struct file *file)
{
    struct bytes window = stream_window(&file->stream);
    if (header_u32(window, 0, false) != BLOCK_SECTION)
        return STATUS_NOT_CAPTURE;
    if (window.len >= BLOCK_MIN_BYTES &&
        header_u32(window, BLOCK_HEAD_BYTES, false) != ORDER_MAGIC &&
        header_u32(window, BLOCK_HEAD_BYTES, true) != ORDER_MAGIC)
        return STATUS_NOT_CAPTURE;
    file->is_pcapng = true;
    return STATUS_OK;
}

uint16_t pcapng_first_link_type(struct file *file)
{
    struct batch none = { .count = 0 };
    enum status status = STATUS_OK;
    while (status == STATUS_OK && file->pcapng.count == 0) {
        size_t need = 0;
        bool paused;
        status = step(file, &none, &need);
        if (status == STATUS_OK && need > 0)
            status = more_bytes(file, need, &paused);
    }
    file->source.error[0] = '\0'; /* told again when the frames are read */
    return file->pcapng.count > 0 ? file->pcapng.interfaces[0].link_type : LINK_TYPE_ETHERNET;
}

void pcapng_done(struct file *file)
{
    struct pcapng *p = &file->pcapng;
    mem_free(NULL, p->interfaces, p->room * sizeof *p->interfaces);
}
