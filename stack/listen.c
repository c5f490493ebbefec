/*
 * Listeners of the applications.
 *
 * Rules: one listener takes both families. A port has one listener; the second one who asks is
 * told EADDRINUSE. TIME-WAITs of an earlier life do not hinder (SO_REUSEADDR). An application has
 * its share of them, answers that it does not collect included, so that others find room.
 */
#include <errno.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "connection.h"
#include "listen.h"
#include "socket.h"

#define LISTENERS     64u
#define FIRST_TIMEOUT 1000 /* ms before the first measurement, RFC 6298 2.1 */
#define IDS           16u  /* of one application, see socket.h */

static struct listener {
	bool used;
	bool answer;         /* LISTENING is still to be said */
	struct tcp_pcb *pcb; /* NULL when it failed */
	uint16_t port;
	uint8_t app, id;
	uint32_t error;
} listeners[LISTENERS];

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct listener *l = arg;

	if (!pcb || err != ERR_OK)
		return ERR_VAL;
	return conn_open(pcb, l->app, l->id) ? ERR_OK : ERR_MEM;
}

static struct listener *spare(void)
{
	for (struct listener *l = listeners; l < listeners + LISTENERS; l++)
		if (!l->used)
			return l;
	return NULL;
}

static uint32_t owned(uint8_t app)
{
	uint32_t n = 0;

	for (struct listener *l = listeners; l < listeners + LISTENERS; l++)
		n += l->used && l->app == app;
	return n;
}

static bool taken(uint8_t app, uint32_t id, uint16_t port)
{
	for (struct listener *l = listeners; l < listeners + LISTENERS; l++)
		if (l->used && l->pcb && (l->port == port || (l->app == app && l->id == id)))
			return true;
	return false;
}

/* Before SYN and ACK are sent. lwIP takes 3 s, of before RFC 6298; a young connection would stand
   still as long for one lost packet. */
static err_t on_open(u8_t id, struct tcp_pcb_listen *listening, struct tcp_pcb *pcb)
{
	(void)id;
	(void)listening;
	pcb->rto = pcb->sv = FIRST_TIMEOUT / TCP_SLOW_INTERVAL;
	return ERR_OK;
}

static const struct tcp_ext_arg_callbacks opening = {.passive_open = on_open};

/* 0 or an error number; on success l->pcb listens. */
static uint32_t start(struct listener *l, uint32_t backlog)
{
	struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
	err_t err = ERR_MEM;

	if (!pcb)
		return ENOMEM;
	ip_set_option(pcb, SOF_REUSEADDR);
	if (tcp_bind(pcb, IP_ANY_TYPE, l->port) != ERR_OK) {
		tcp_close(pcb);
		return EADDRINUSE;
	}
	/* lwIP counts a backlog in eight bits. */
	backlog = backlog == 0 ? 1 : backlog > UINT8_MAX ? UINT8_MAX : backlog;
	l->pcb = tcp_listen_with_backlog_and_err(pcb, (u8_t)backlog, &err);
	if (!l->pcb) {
		tcp_close(pcb);
		return ENOMEM;
	}
	tcp_arg(l->pcb, l);
	tcp_accept(l->pcb, on_accept);
	tcp_ext_arg_set_callbacks(l->pcb, 0, &opening);
	return 0;
}

void listen_open(uint8_t app, const struct mx_msg *m)
{
	struct listener *l = spare();

	if (!l || owned(app) == IDS) {
		socket_bad++;
		return;
	}
	*l = (struct listener){.used = true, .answer = true, .port = m->length, .app = app};
	l->id = (uint8_t)m->offset;
	if (m->offset >= IDS || m->length == 0)
		l->error = EINVAL;
	else if (taken(app, m->offset, m->length))
		l->error = EADDRINUSE;
	else
		l->error = start(l, m->body[1]);
}

bool listen_tell(uint8_t app)
{
	for (struct listener *l = listeners; l < listeners + LISTENERS; l++) {
		struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_SK_LISTENING};

		if (!l->used || !l->answer || l->app != app)
			continue;
		m.offset = l->id;
		m.body[1] = l->error;
		if (mx_send(MX_STACK_APP + app, &m, 1) != MX_OK)
			return false;
		l->answer = false;
		l->used = l->pcb != NULL;
	}
	return true;
}

void listen_forget(uint8_t app)
{
	for (struct listener *l = listeners; l < listeners + LISTENERS; l++) {
		if (!l->used || l->app != app)
			continue;
		if (l->pcb)
			tcp_close(l->pcb);
		*l = (struct listener){0};
	}
}
