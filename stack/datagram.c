/*
 * UDP sockets of the applications.
 *
 * Interface: see datagram.h; the messages are those of moxie/socket.h.
 * Rules: what comes in is arrival.c's. A datagram that goes out waits, in order, while the port has
 * no room, and its frames count against the sender's credit until then.
 */
#include <errno.h>
#include <string.h>
#include <moxie/kept.h>
#include <moxie/packet.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "lwip/opt.h"
#include "lwip/udp.h"
#include "arrival.h"
#include "datagram.h"
#include "frame.h"
#include "own.h"
#include "socket.h"

#define RETRY (5 * MX_MS)
/* A datagram of more fragments than the port ever takes at once would wait for ever. */
#define PATIENCE MX_S
#define SOCKETS  MEMP_NUM_UDP_PCB /* of all applications: one cannot keep another from its own */
_Static_assert(SOCKETS >= 2 * MX_SOCKETS, "there is room for two applications");

/* A datagram on its way out. */
struct waiting {
	struct pbuf *data;
	struct mx_datagram to;
	uint32_t frames;
	uint64_t until; /* then it is dropped */
};

static struct sock {
	bool used, answer, ending; /* BOUND, or UNBOUND, is still to be said */
	uint8_t app, id;
	uint32_t error;
	struct udp_pcb *pcb;
	uint32_t held; /* frames handed over, LEFT not yet told */
	uint32_t left; /* of these gone */
	struct waiting queue[MX_SK_FRAMES];
	uint32_t first, n;
} socks[SOCKETS];
uint64_t datagram_received MX_KEPT, datagram_dropped MX_KEPT, datagram_sent MX_KEPT,
        datagram_bad MX_KEPT;

static struct sock *find(uint8_t app, uint32_t id)
{
	for (struct sock *s = socks; s < socks + SOCKETS; s++)
		if (s->used && s->app == app && s->id == id)
			return s;
	return NULL;
}

static void on_recv(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
	const struct sock *s = arg;

	(void)pcb;
	if (arrival(s->app, s->id, p, addr, port))
		datagram_received++;
	else
		datagram_dropped++;
	pbuf_free(p);
}

/* 0 or an error number. */
static uint32_t start(struct sock *s, uint16_t port)
{
	if (!port)
		return EINVAL;
	s->pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
	if (!s->pcb)
		return ENOMEM;
	if (udp_bind(s->pcb, IP_ANY_TYPE, port) == ERR_OK) {
		udp_recv(s->pcb, on_recv, s);
		return 0;
	}
	udp_remove(s->pcb);
	s->pcb = NULL;
	return EADDRINUSE;
}

void datagram_bind(uint8_t app, const struct mx_msg *m)
{
	struct sock *s = socks;

	while (s < socks + SOCKETS && s->used)
		s++;
	if (s == socks + SOCKETS || m->offset >= MX_SOCKETS || find(app, m->offset)) {
		socket_bad++;
		return;
	}
	s->used = s->answer = true;
	s->ending = false;
	s->app = app;
	s->id = (uint8_t)m->offset;
	s->held = s->left = s->first = s->n = 0;
	s->error = start(s, m->length);
}

static void pop(struct sock *s)
{
	struct waiting *w = &s->queue[s->first];

	pbuf_free(w->data);
	s->left += w->frames;
	s->first = (s->first + 1) % MX_SK_FRAMES;
	s->n--;
	socket_wake(s->app);
}

static void close(struct sock *s)
{
	if (s->pcb)
		udp_remove(s->pcb);
	s->pcb = NULL;
	while (s->n)
		pop(s);
}

void datagram_unbind(uint8_t app, const struct mx_msg *m)
{
	struct sock *s = find(app, m->offset);

	if (!s) {
		socket_bad++;
		return;
	}
	close(s);
	s->ending = true;
}

void datagram_forget(uint8_t app)
{
	for (struct sock *s = socks; s < socks + SOCKETS; s++) {
		if (!s->used || s->app != app)
			continue;
		close(s);
		s->used = false;
	}
}

/* false: the port has no room now. What cannot be sent for other reasons is gone. */
static bool transmit(struct sock *s, const struct waiting *w)
{
	bool ip6 = w->to.address[0] || w->to.address[1] || w->to.address[2] != PP_HTONL(0xffffu);
	ip_addr_t to = {0}, from;
	struct netif *netif = own_address(w->to.own, ip6, &from);
	err_t err;

	if (ip6) {
		memcpy(ip_2_ip6(&to)->addr, w->to.address, sizeof(w->to.address));
		IP_SET_TYPE(&to, IPADDR_TYPE_V6);
		if (netif)
			ip6_addr_assign_zone(ip_2_ip6(&to), IP6_UNICAST, netif);
	} else {
		ip_addr_set_ip4_u32_val(to, w->to.address[3]);
	}
	if (netif)
		err = udp_sendto_if_src(s->pcb, w->data, &to, w->to.port, netif, &from);
	else
		err = udp_sendto(s->pcb, w->data, &to, w->to.port);
	if (err == ERR_OK)
		datagram_sent++;
	else if (err != ERR_MEM || mx_now() >= w->until)
		datagram_bad++;
	else
		return false;
	return true;
}

static void send_waiting(struct sock *s)
{
	while (s->n && transmit(s, &s->queue[s->first]))
		pop(s);
	if (s->n)
		mx_wake_at(mx_now() + RETRY);
}

/* Its frames are free again, and the sender learns of it. */
static void refuse(struct sock *s, uint32_t frames)
{
	datagram_bad++;
	if (!s)
		return;
	s->held += frames;
	s->left += frames;
	socket_wake(s->app);
}

void datagram_send(uint8_t app, const struct mx_msg *chain, uint32_t n)
{
	struct mx_datagram to;
	struct sock *s;
	struct pbuf *p;

	memcpy(&to, chain[0].body, sizeof(to));
	s = find(app, to.socket);
	if (!s || !s->pcb || n > MX_CHAIN_MAX || s->held + n > MX_SK_FRAMES) {
		mx_free_chain(chain, n);
		refuse(s, n);
		return;
	}
	p = frame_wrap(chain, n); /* frees them when it fails */
	if (!p) {
		refuse(s, n);
		return;
	}
	s->held += n;
	s->queue[(s->first + s->n++) % MX_SK_FRAMES] =
	        (struct waiting){p, to, n, mx_now() + PATIENCE};
	if (s->n == 1)
		send_waiting(s);
}

void datagram_turn(void)
{
	for (struct sock *s = socks; s < socks + SOCKETS; s++)
		if (s->n)
			send_waiting(s);
}

static bool say(const struct sock *s, uint8_t kind, uint32_t value)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = kind, .offset = s->id, .body = {0, value}};

	return mx_send(MX_STACK_APP + s->app, &m, 1) == MX_OK;
}

static bool tell(struct sock *s)
{
	if (s->answer) {
		if (!say(s, MX_SK_BOUND, s->error))
			return false;
		s->answer = false;
		s->used = s->error == 0;
	}
	if (s->left) {
		if (!say(s, MX_SK_LEFT, s->left))
			return false;
		s->held -= s->left;
		s->left = 0;
	}
	if (s->used && s->ending) {
		if (!say(s, MX_SK_UNBOUND, 0))
			return false;
		s->used = false;
	}
	return true;
}

bool datagram_tell(uint8_t app)
{
	for (struct sock *s = socks; s < socks + SOCKETS; s++)
		if (s->used && s->app == app && !tell(s))
			return false;
	return true;
}
