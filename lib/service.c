/* The way of an application to its listener: see moxie/service.h. */
#include <string.h>
#include <moxie/counters.h>
#include <moxie/parent.h>
#include <moxie/service.h>
#include <moxie/slots.h>
#include <moxie/socket.h>

#define BACKLOG 255u

void mx_service_control(struct mx_service *s, struct mx_control_end *parent)
{
	struct mx_control m;

	while (mx_parent_recv(parent, &m)) {
		if (m.op == MX_CTL_SERVICE && strncmp(m.name, s->name, sizeof(m.name)) == 0)
			s->port = (uint16_t)m.value;
		else if (m.op == MX_CTL_GO) {
			s->go = true;
			s->ready = false; /* said anew: see moxie/control.h */
		} else if (m.op == MX_CTL_COUNTERS)
			mx_counters_ask(m.value);
	}
}

/* Without a stack, or room towards it, a later turn tries again. */
static void ask(struct mx_service *s)
{
	struct mx_msg m = {.frame = MX_NOFRAME,
	                   .kind = MX_SK_LISTEN,
	                   .offset = MX_SERVICE_LISTENER,
	                   .length = s->port,
	                   .body = {0, BACKLOG}};
	int result = mx_send(MX_APP_STACK, &m, 1);

	if (result == MX_OK)
		s->state = MX_SERVICE_ASKED;
	else if (result == MX_ECREDIT)
		mx_thirst(MX_APP_STACK);
}

void mx_service_listening(struct mx_service *s, const struct mx_msg *m)
{
	s->state = m->body[1] == 0 ? MX_SERVICE_ON : MX_SERVICE_FAILED;
	if (s->state == MX_SERVICE_FAILED)
		mx_log("cannot listen on port %u: error %d", s->port, (int)m->body[1]);
}

void mx_service_lost(struct mx_service *s)
{
	s->state = MX_SERVICE_OFF;
}

void mx_service_turn(struct mx_service *s, struct mx_control_end *parent)
{
	static const struct mx_control ready = {.op = MX_CTL_READY};

	if (!s->go)
		return;
	if (s->port && s->state == MX_SERVICE_OFF)
		ask(s);
	if (!s->ready && (!s->port || s->state == MX_SERVICE_ON))
		s->ready = mx_control_try_send(parent, &ready);
}
