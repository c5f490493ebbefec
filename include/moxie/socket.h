/*
 * The socket protocol: what the stack and an application say over their owning channel pair.
 *
 * A message of TCP carries the connection in body[0] (mx_conn) and, as data, at most one frame. One
 * ordered stream each way, so data, credit and close never overtake each other.
 * Rules: a connection number is chosen by the stack and lives from MX_SK_ACCEPT (or CONNECTED)
 * until both sides have said their last word: the application MX_SK_CLOSE or MX_SK_ABORT, the
 * stack MX_SK_CLOSED. Only then is it used again. A message for an unknown connection is counted
 * and its frame freed. In bare messages offset and length belong to the protocol.
 * Addresses: 16 bytes in network order, IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
 */
#ifndef MOXIE_SOCKET_H
#define MOXIE_SOCKET_H

#include <moxie/domain.h>

#define MX_CONNS 4096u /* connection numbers are below this */

enum mx_socket_kind {
	/* application -> stack */
	MX_SK_LISTEN = 0x20, /* bare. offset: listener (chosen by the app, < 16); length: TCP port;
	                        body[1]: backlog. All addresses of both families */
	MX_SK_DATA = 0x21,   /* both ways. Bytes of the stream in one frame, owned or (to the stack)
	                        frozen. The receiver of the message owns an owned frame */
	MX_SK_CREDIT = 0x22, /* app -> stack, bare. body[1]: bytes received that the app is done
	                        with; the peer's window opens by them */
	MX_SK_CLOSE = 0x23, /* app -> stack, bare. No more data: FIN after what was sent. Data still
	                       received is dropped by the stack */
	MX_SK_ABORT = 0x24, /* app -> stack, bare. RST now */
	MX_SK_BIND = 0x25,  /* app -> stack, bare. offset: socket (chosen by the app, < MX_SOCKETS);
	                       length: UDP port. All addresses of both families */
	MX_SK_UNBIND = 0x26,   /* app -> stack, bare. offset: socket. Always answered by UNBOUND */
	MX_SK_DATAGRAM = 0x27, /* both ways. A datagram's payload as a chain of frames, whole in
	                          one; the first message's body is a struct mx_datagram */
	/* stack -> application */
	MX_SK_LISTENING = 0x30, /* bare. offset: listener; body[1]: 0, or an error number */
	MX_SK_ACCEPT = 0x31,    /* bare. offset: listener; length: peer's port; body[0]: connection;
	                           body[1..4]: peer's address */
	MX_SK_SENT = 0x32,   /* bare. body[1]: bytes that were acknowledged: send credit regained */
	MX_SK_FIN = 0x33,    /* bare. The peer will send no more; sending is still possible */
	MX_SK_CLOSED = 0x34, /* bare. The connection is no more; body[1]: enum mx_closed. The app
	                        answers MX_SK_CLOSE if it has not said CLOSE or ABORT before */
	MX_SK_BOUND = 0x35,  /* bare. offset: socket; body[1]: 0, or an error number */
	MX_SK_LEFT = 0x36, /* bare. offset: socket; body[1]: frames of datagrams that have left, or
	                      were dropped: send credit regained */
	MX_SK_UNBOUND = 0x37, /* bare. offset: socket. Its last message; the number is free */
};

enum mx_closed { MX_CLOSED_DONE, MX_CLOSED_RESET, MX_CLOSED_TIMEOUT, MX_CLOSED_MEMORY };

/*
 * Send credit: an application has at most this many bytes of one connection handed over and
 * not yet reported by MX_SK_SENT. The stack aborts a connection that exceeds it.
 */
#define MX_SK_WINDOW (256u * 1024u)

/*
 * Datagrams (UDP). The other end is in every message; `own` names the appliance's own address
 * that a datagram came to, and given back makes the answer come from there (0: the stack
 * chooses). Receiving has no credit: without room the stack drops and counts, and a quarter of
 * the channel is left to connections. Sending has: an application has at most MX_SK_FRAMES
 * frames of a socket handed over and not yet reported by MX_SK_LEFT; what exceeds them, or makes
 * no sense, is dropped, counted and reported.
 */
#define MX_SOCKETS   8u /* of one application, numbered from 0 */
#define MX_SK_FRAMES 128u

struct mx_datagram {
	uint16_t socket : 4;
	uint16_t own : 12;
	uint16_t port;       /* of the other end */
	uint32_t address[4]; /* of the other end, network order */
};
_Static_assert(sizeof(struct mx_datagram) == 20, "fits mx_msg.body");

static inline uint32_t mx_conn(const struct mx_msg *m)
{
	return m->body[0];
}

#endif
