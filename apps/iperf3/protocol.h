/*
 * iperf3's protocol, as its own client and server speak it (versions 3.1 to 3.21).
 *
 * Control connection: the client's cookie; then states, one byte each, mostly by the server; the
 * client's parameters and both sides' results as JSON behind a length of 32 bits. Every
 * stream's TCP connection starts with the same cookie; a UDP stream with a greeting.
 */
#ifndef IPERF3_PROTOCOL_H
#define IPERF3_PROTOCOL_H

#include <stdint.h>

#define COOKIE      37u   /* bytes, the NUL included */
#define PARAMS_MAX  8192u /* bytes of JSON that iperf3's own server takes */
#define PARALLEL    128u  /* streams each way */
#define BLOCK       131072u
#define BLOCK_MAX   (1u << 20)
#define UDP_MIN     16u
#define UDP_MAX     65507u
#define UDP_DEFAULT 1460u

enum state {
	STATE_TEST_START = 1,
	STATE_TEST_RUNNING = 2,
	STATE_TEST_END = 4,
	STATE_PARAM_EXCHANGE = 9,
	STATE_CREATE_STREAMS = 10,
	STATE_CLIENT_TERMINATE = 12,
	STATE_EXCHANGE_RESULTS = 13,
	STATE_DISPLAY_RESULTS = 14,
	STATE_IPERF_DONE = 16,
	STATE_SERVER_ERROR = 0xfe, /* two numbers of 32 bits follow: iperf3's, and errno */
	STATE_ACCESS_DENIED = 0xff
};

#endif
