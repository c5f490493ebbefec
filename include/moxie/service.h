/*
 * A TCP service of an application: from init's word to the listener of the stack.
 *
 * Interface: name it; in every event hand over what the control channel has (mx_service_control),
 * what the stack says (mx_service_listening, mx_service_lost), then call mx_service_turn.
 * Rules: the steps are: init names the port and says GO, the stack is asked to listen, it listens,
 * init hears READY. A stack that ends takes the listener with it, and the next one is asked at
 * once; init hears READY once, and again after each GO. Nothing waits: what finds no room is said
 * in a later turn. Without a port there is no service, and the application is ready for nothing.
 */
#ifndef MOXIE_SERVICE_H
#define MOXIE_SERVICE_H

#include <moxie/control.h>
#include <moxie/domain.h>

#define MX_SERVICE_LISTENER 0u /* its number */

struct mx_service {
	const char *name; /* as in MX_CTL_SERVICE */
	uint16_t port;    /* 0: none is configured */
	bool go;
	bool ready; /* init knows */
	enum { MX_SERVICE_OFF, MX_SERVICE_ASKED, MX_SERVICE_ON, MX_SERVICE_FAILED } state;
};

/* Takes all that init says. */
void mx_service_control(struct mx_service *s, struct mx_control_end *parent);
void mx_service_listening(struct mx_service *s, const struct mx_msg *m);
void mx_service_lost(struct mx_service *s); /* the stack has ended, or is another one */
void mx_service_turn(struct mx_service *s, struct mx_control_end *parent);

#endif
