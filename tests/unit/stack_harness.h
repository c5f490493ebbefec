/*
 * The stack domain on the host: a small executive in memory, and an application. A TCP peer:
 * stack_peer.h.
 *
 * Frames have an owner here as in the machine; frames that the stack does not own are poisoned,
 * so that the address sanitizer reports any touch of them.
 */
#ifndef STACK_HARNESS_H
#define STACK_HARNESS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <moxie/control.h>
#include <moxie/packet.h>
#include <moxie/slots.h>
#include <moxie/socket.h>

#define FRAMES 2048u /* of the pool; then come the frozen ones */
#define FROZEN 64u
#define APP    MX_STACK_APP

/* What the stack has sent by one slot and the test has not looked at. */
struct outbox {
	struct mx_msg msg[8192];
	uint32_t head, n;
};
extern struct outbox outbox[MX_SLOTS];
extern uint32_t credit[MX_SLOTS];
extern uint64_t thirsty;      /* slots the stack waits for */
extern uint32_t harness_logs; /* lines */
extern uint64_t clock_now, wake;

void harness_start(void);
uint32_t take_frame(void);               /* for the test to fill */
void *frame_data(uint32_t frame);        /* of a frame of the test */
void give(struct mx_msg *m, uint32_t n); /* an event with these messages; frames included */
void run(uint64_t pending);
void pass(uint64_t ns);    /* lets time go by, waking the stack when it asked for it */
uint32_t frames_out(void); /* frames that are not at home */
void control(struct mx_control m);
bool pop_msg(uint32_t slot, struct mx_msg *m);
void drop_frame(uint32_t frame); /* the test gives it back */
void drain(uint32_t slot);       /* all that was sent by it, and its credit is there again */
void drop_all(void);             /* so for all slots */
/* The next packet sent by slot, flat, its frames given back. 0: none. */
uint32_t pop_packet(uint32_t slot, uint8_t *data, struct mx_packet *packet, uint32_t *frozen);
void send_packet(uint8_t kind, uint32_t slot, uint8_t port, const void *data, uint32_t length);
/* An IP packet from the router with these facts, in as many frames as it takes. */
void send_facts(struct mx_packet facts, const void *data, uint32_t length);
/* What init and the peer of the port say of it. */
void set_port(uint8_t port, const char *addr4, const char *second);
void set_link(uint8_t port, uint16_t mtu, uint16_t features);
/* For cmocka: the stack, with port 0 and its link, and nothing asked of it yet. */
int harness_port(void **state);

/* The application. */
void app_say(uint32_t slot, uint8_t kind, uint32_t conn, uint32_t value);
void app_data(uint32_t slot, uint32_t conn, const void *data, uint32_t length);
void app_listen(uint32_t slot, uint16_t id, uint16_t port);

#endif
