/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/ndpi.h"

#include "base/limits.h"
#include "base/mem.h"
#include "mailwhy_config.h"

#ifdef HAVE_NDPI

#include <ndpi_api.h>

struct namer {
    struct ndpi_detection_module_struct *module;
    bool failed;
};

struct namer *namer_new(void)
{
    return mem_alloc(NULL, sizeof(struct namer));
}

void namer_free(struct namer *n)
{
    if (!n)
        return;
    if (n->module)
        ndpi_exit_detection_module(n->module);
    mem_free(NULL, n, sizeof *n);
}

static bool load(struct namer *n)
{
    if (n->module || n->failed)
        return n->module != NULL;
#if NDPI_MAJOR > 4 || (NDPI_MAJOR == 4 && NDPI_MINOR >= 10)
    n->module = ndpi_init_detection_module(NULL);
#else
    n->module = ndpi_init_detection_module(ndpi_no_prefs);
#endif
    if (!n->module) {
        n->failed = true;
        return false;
    }
#if NDPI_MAJOR < 5
    NDPI_PROTOCOL_BITMASK all;
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(n->module, &all);
#endif
    ndpi_finalize_initialization(n->module);
    return true;
}

enum { IP_HEADER = 20, TCP_HEADER = 20, PACKET_PAYLOAD = 1024 };

/* nDPI wants packets: the stream's first bytes in an IPv4 and TCP header of our own making. */
static size_t make_packet(uint8_t *out, const struct attempt *a, enum side from,
                          struct bytes payload)
{
    size_t len = bytes_copy(out + IP_HEADER + TCP_HEADER, PACKET_PAYLOAD, payload);
    size_t total = IP_HEADER + TCP_HEADER + len;
    uint16_t ports[2] = { a->client_port, a->server_port };
    uint16_t source = ports[from], target = ports[side_other(from)];
    const uint8_t head[IP_HEADER + TCP_HEADER] = {
        0x45,
        0,
        (uint8_t)(total >> 8),
        (uint8_t)total,
        0,
        0,
        0x40,
        0,
        64,
        6,
        0,
        0,
        192,
        0,
        2,
        from == SIDE_DEVICE ? 1 : 2,
        192,
        0,
        2,
        from == SIDE_DEVICE ? 2 : 1,
        (uint8_t)(source >> 8),
        (uint8_t)source,
        (uint8_t)(target >> 8),
        (uint8_t)target,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        1,
        0x50,
        0x18,
        0xff,
        0xff,
        0,
        0,
        0,
        0,
    };
    bytes_copy(out, sizeof head, bytes_of(head, sizeof head));
    return total;
}

static ndpi_protocol look(struct namer *n, struct ndpi_flow_struct *flow, const struct attempt *a,
                          enum side from, struct bytes payload)
{
    uint8_t packet[IP_HEADER + TCP_HEADER + PACKET_PAYLOAD];
    size_t len = make_packet(packet, a, from, payload);
#if NDPI_MAJOR > 4 || (NDPI_MAJOR == 4 && NDPI_MINOR >= 6)
    return ndpi_detection_process_packet(n->module, flow, packet, (unsigned short)len, 1000, NULL);
#else
    return ndpi_detection_process_packet(n->module, flow, packet, (unsigned short)len, 1000);
#endif
}

static uint16_t decided(ndpi_protocol p)
{
#if NDPI_MAJOR >= 5
    return p.proto.app_protocol ? p.proto.app_protocol : p.proto.master_protocol;
#else
    return p.app_protocol ? p.app_protocol : p.master_protocol;
#endif
}

const char *namer_name(struct namer *n, const struct attempt *a, struct bytes device,
                       struct bytes server)
{
    if (!n || !load(n))
        return NULL;
    struct ndpi_flow_struct *flow = ndpi_flow_malloc(SIZEOF_FLOW_STRUCT);
    if (!flow)
        return NULL;
    mem_wipe(flow, SIZEOF_FLOW_STRUCT);
    const char *name = NULL;
    uint16_t id = 0;
    if (device.len > 0)
        id = decided(look(n, flow, a, SIDE_DEVICE, device));
    if (id == 0 && server.len > 0)
        id = decided(look(n, flow, a, SIDE_SERVER, server));
    if (id != 0)
        name = ndpi_get_proto_name(n->module, id);
    /* nDPI keeps user names and passwords of what it dissects */
    ndpi_free_flow_data(flow);
    mem_wipe(flow, SIZEOF_FLOW_STRUCT);
    ndpi_flow_free(flow);
    return name;
}

size_t namer_bytes(const struct namer *n)
{
    return n && n->module ? ndpi_get_tot_allocated_memory() : 0;
}

#else

struct namer *namer_new(void)
{
    return NULL;
}

void namer_free(struct namer *n)
{
    (void)n;
}

const char *namer_name(struct namer *n, const struct attempt *a, struct bytes device,
                       struct bytes server)
{
    (void)n;
    (void)a;
    (void)device;
    (void)server;
    return NULL;
}

size_t namer_bytes(const struct namer *n)
{
    (void)n;
    return 0;
}

#endif
