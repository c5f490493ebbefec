/*
 * The host under the web server's tests: a pool of frames, a site in frozen frames, a scripted
 * stack, a clock that the test moves.
 *
 * Interface: host_start boots the server over the site that host_file built; then connections talk:
 * host_connect, host_say, and host_got for the bytes that came back. host_run lets the server work
 * until it waits.
 * Rules: a frame used after it was given away is poisoned; a frame given away twice, or a window
 * overrun, fails the test at once. host_end checks that every frame is home.
 */
#ifndef TESTS_HTTPD_HOST_H
#define TESTS_HTTPD_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <moxie/control.h>
#include <moxie/socket.h>

struct host_conn {
	char *got;
	uint32_t got_n, got_max;
	uint32_t unacked;     /* given by the server, not reported as sent */
	uint32_t credit;      /* returned by the server */
	bool closed, aborted; /* said by the server */
	uint32_t messages;    /* of data */
	bool frozen;          /* some of it came uncopied */
};

extern struct host_conn host_conns[MX_CONNS];
extern uint32_t host_credit; /* entries the stack takes; UINT32_MAX: any number */
extern uint32_t host_frames; /* frames the pool gives out yet */
extern bool host_ack;        /* acknowledge all data at once */
extern uint64_t host_now;
extern uint32_t host_backlog; /* of the last LISTEN; 0: none */
extern uint16_t host_port;
extern char host_logged[1024]; /* all since host_boot */
extern uint64_t host_thirst;

void host_site(void); /* a new, empty archive */
void host_file(const char *name, uint32_t mode, uint32_t mtime, const void *data, uint32_t size);
void host_site_end(void);
void host_boot(uint64_t heap); /* domain_start, and the site built */
void host_control(uint16_t op, const char *name, uint64_t value);
bool host_heard(uint16_t op, struct mx_control *m); /* the next message to init of this op */
void host_start(void);                              /* host_boot, service on port 80, listening */

void host_message(uint8_t kind, uint32_t conn, uint32_t value);
void host_connect(uint32_t conn);
void host_data(uint32_t conn, const void *data, uint32_t length); /* one frame, not yet run */
void host_say(uint32_t conn, const char *text); /* in frames of 1460 bytes, and run */
void host_acknowledge(uint32_t conn, uint32_t bytes);
const char *host_got(uint32_t conn); /* all since the last call, NUL-terminated */
void host_run(void);
void host_sleep(uint64_t ns);   /* time passes, the server wakes when it asked for it */
uint32_t host_held(void);       /* frames the server holds */
void host_close(uint32_t conn); /* MX_SK_CLOSED */
void host_end(void);

#endif
