/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames from an interface, by libpcap. libpcap's bytes are the kernel's and go back to it when the
 * next ones are asked for, so a batch is copied into a buffer of ours.
 */
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/text.h"
#include "capture/link_type.h"
#include "capture/source_impl.h"

enum {
    WAIT_MS = 200,
    KERNEL_BUFFER_BYTES = 8 << 20,
    /* after any frame that leaves room for one more of the largest, a batch goes on */
    BATCH_BYTES = 4 * FRAME_MAX_BYTES,
    LIST_MAX_BYTES = 1 << 20,
    NS_PER_MICROSECOND = 1000,
};

struct live {
    struct source source; /* first: an interface is a source */
    pcap_t *pcap;
    uint16_t link_type;
    bool nanoseconds;
    uint64_t dropped_before; /* pcap_stats() counts in 32 bits: what has wrapped away */
    uint32_t dropped_last;
    struct batch *batch; /* during a call */
    size_t used;
    uint8_t copies[BATCH_BYTES];
};

static void take_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct live *live = (struct live *)user;
    if (!check(live->batch->count < BATCH_FRAMES))
        return;
    size_t room = sizeof live->copies - live->used;
    uint8_t *copy = live->copies + live->used;
    size_t len = bytes_copy(copy, room, bytes_of(bytes, header->caplen));
    int64_t fraction = (int64_t)header->ts.tv_usec;
    struct frame frame = {
        .bytes = bytes_of(copy, len),
        .time = (int64_t)header->ts.tv_sec * TIME_SECOND +
                fraction * (live->nanoseconds ? 1 : NS_PER_MICROSECOND),
        .number = (uint32_t)(live->source.stats.packets + 1),
        .wire_len = header->len > len ? header->len : (uint32_t)len,
        .link_type = live->link_type,
        .time_digits = live->nanoseconds ? 9 : 6,
    };
    live->used += len;
    source_emit(&live->source, live->batch, &frame);
    if (sizeof live->copies - live->used < FRAME_MAX_BYTES)
        pcap_breakloop(live->pcap);
}

static enum status went_away(struct live *live)
{
    return source_fail(
        &live->source, STATUS_INTERFACE,
        "Listening has ended: %s. Check the cable or the adapter, and start mailwhy again.",
        pcap_geterr(live->pcap));
}

static enum status live_next(struct source *source, struct batch *batch)
{
    struct live *live = (struct live *)source;
    live->batch = batch;
    live->used = 0;
    int got = pcap_dispatch(live->pcap, BATCH_FRAMES, take_frame, (u_char *)live);
    if (got == 0) {
        struct pollfd ready = { .fd = pcap_get_selectable_fd(live->pcap), .events = POLLIN };
        if (poll(&ready, 1, WAIT_MS) > 0)
            got = pcap_dispatch(live->pcap, BATCH_FRAMES, take_frame, (u_char *)live);
    }
    return got == PCAP_ERROR && batch->count == 0 ? went_away(live) : STATUS_OK;
}

static void live_stats(struct source *source)
{
    struct live *live = (struct live *)source;
    struct pcap_stat now;
    if (pcap_stats(live->pcap, &now) != 0)
        return;
    uint32_t dropped = now.ps_drop + now.ps_ifdrop;
    if (dropped < live->dropped_last)
        live->dropped_before += UINT64_C(1) << 32;
    live->dropped_last = dropped;
    source->stats.kernel_dropped = live->dropped_before + dropped;
}

static void live_close(struct source *source)
{
    struct live *live = (struct live *)source;
    if (live->pcap)
        pcap_close(live->pcap);
    mem_free(NULL, live, sizeof *live);
}

static const struct source_kind live_kind = { live_next, live_stats, live_close };

static enum status activate_failed(struct live *live, int why)
{
    const char *detail = pcap_geterr(live->pcap);
    switch (why) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return source_fail(
            &live->source, STATUS_INTERFACE,
            "There is no such interface. mailwhy -D lists those that can be listened on.");
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return source_fail(
            &live->source, STATUS_NO_PERMISSION,
            "Listening on an interface needs the system's permission. Start mailwhy with sudo.");
    case PCAP_ERROR_IFACE_NOT_UP:
        return source_fail(&live->source, STATUS_INTERFACE,
                           "The interface is switched off. Switch it on first, for example: ip "
                           "link set INTERFACE up");
    default:
        return source_fail(&live->source, STATUS_INTERFACE,
                           "The interface cannot be listened on: %s.",
                           detail[0] ? detail : pcap_statustostr(why));
    }
}

static enum status set_filter(struct live *live, const char *expression)
{
    struct bpf_program code;
    if (pcap_compile(live->pcap, &code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        filter_explain(pcap_geterr(live->pcap), live->source.error, sizeof live->source.error);
        return STATUS_FILTER;
    }
    int set = pcap_setfilter(live->pcap, &code);
    pcap_freecode(&code);
    if (set == 0)
        return STATUS_OK;
    filter_explain(pcap_geterr(live->pcap), live->source.error, sizeof live->source.error);
    return STATUS_FILTER;
}

static enum status activate(struct live *live, const char *interface, const char *filter)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    live->pcap = pcap_create(interface, why);
    if (!live->pcap)
        return source_fail(&live->source, STATUS_INTERFACE,
                           "The interface cannot be listened on: %s.", why);
    /* each of these can only fail on an active handle */
    (void)pcap_set_snaplen(live->pcap, FRAME_MAX_BYTES);
    (void)pcap_set_promisc(live->pcap, 1);
    (void)pcap_set_timeout(live->pcap, WAIT_MS);
    (void)pcap_set_buffer_size(live->pcap, KERNEL_BUFFER_BYTES);
    live->nanoseconds = pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
    int activated = pcap_activate(live->pcap);
    if (activated < 0)
        return activate_failed(live, activated);
    live->nanoseconds = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    live->link_type = link_type_from_dlt(pcap_datalink(live->pcap));
    /* waiting is our own work: in a blocking read the kernel may wait for a packet for ever */
    if (pcap_setnonblock(live->pcap, 1, why) != 0)
        return source_fail(&live->source, STATUS_INTERFACE,
                           "The interface cannot be listened on: %s.", why);
    return filter ? set_filter(live, filter) : STATUS_OK;
}

enum status source_open_live(const char *interface, const char *filter, struct source **source,
                             char *error, size_t size)
{
    *source = NULL;
    struct live *live = mem_alloc(NULL, sizeof *live);
    if (!live) {
        source_tell(error, size, "There is not enough memory to listen.");
        return STATUS_NO_MEMORY;
    }
    live->source.kind = &live_kind;
    enum status status = activate(live, interface, filter);
    if (status != STATUS_OK)
        return source_give_up(&live->source, status, error, size);
    *source = &live->source;
    return STATUS_OK;
}

/* Kinds of devices that libpcap can listen on and that carry no mail. */
static bool carries_mail(const char *name)
{
    static const char *const others[] = { "bluetooth", "dbus-",  "nflog",
                                          "nfqueue",   "usbmon", "rdmasniff" };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strncmp(name, others[i], strlen(others[i])) == 0)
            return false;
    return true;
}

char *source_list_interfaces(char *error, size_t size)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    pcap_if_t *all = NULL;
    if (pcap_findalldevs(&all, why) != 0) {
        if (size > 0)
            (void)snprintf(error, size, "The interfaces cannot be listed: %s.", why);
        return NULL;
    }
    struct text t;
    text_init(&t, LIST_MAX_BYTES);
    for (const pcap_if_t *i = all; i; i = i->next) {
        if (!carries_mail(i->name))
            continue;
        text_wire(&t, bytes_str(i->name), FOR_TERMINAL);
        text_add_char(&t, '\t');
        text_wire(&t, bytes_str(i->description ? i->description : ""), FOR_TERMINAL);
        text_add_char(&t, '\n');
    }
    pcap_freealldevs(all);
    char *list = mem_alloc(NULL, t.len + 1);
    if (list)
        bytes_copy(list, t.len, bytes_of(text_str(&t), t.len));
    else
        source_tell(error, size, "There is not enough memory.");
    text_done(&t);
    return list;
}

void source_free_list(char *list)
{
    if (list)
        mem_free(NULL, list, strlen(list) + 1);
}
