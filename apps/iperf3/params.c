/*
 * A client's parameters: see params.h.
 *
 * Rules: limits are those of iperf3's own server, and so are the numbers of errors, which the
 * client turns into text. What only the client's side does (-M, -w, -S, -C, --dont-fragment), and
 * what would need a file or a key, is ignored as iperf3 ignores what it does not know.
 */
#include "json.h"
#include "params.h"
#include "protocol.h"

#define SECONDS_MAX 86400u
#define OMIT_MAX    600u
#define BURST_MAX   1000u
#define RATE_MAX    (1ull << 50)

enum {
	DURATION = 5,
	STREAMS = 6,
	BLOCKSIZE = 7,
	OMIT = 12,
	BURST = 15,
	SCTP = 18,
	UDPBLOCK = 20,
	RECVPARAMS = 114
};

static uint64_t number(const char *name)
{
	uint64_t value = 0;

	json_number(name, &value);
	return value;
}

static uint32_t read_block(struct params *p)
{
	uint64_t block = number("len");

	if (!block)
		block = p->udp ? UDP_DEFAULT : BLOCK;
	if (p->udp && (block < UDP_MIN || block > UDP_MAX))
		return UDPBLOCK;
	if (block > BLOCK_MAX)
		return BLOCKSIZE;
	p->block = (uint32_t)block;
	return 0;
}

static void read_flags(struct params *p)
{
	p->udp = json_true("udp");
	p->both = json_true("bidirectional");
	p->reverse = !p->both && json_true("reverse");
	p->wide = number("udp_counters_64bit") != 0;
	p->output = number("get_server_output") != 0;
}

static uint32_t read_limits(struct params *p)
{
	uint64_t parallel = 1, blocks = number("blockcount");

	json_number("parallel", &parallel);
	p->seconds = number("time");
	p->omit = number("omit");
	p->most = number("num");
	if (!p->most && blocks < UINT64_MAX / BLOCK_MAX)
		p->most = blocks * p->block;
	p->burst = (uint32_t)(number("burst") <= BURST_MAX ? number("burst") : 0);
	p->rate = number("bandwidth");
	if (number("burst") > BURST_MAX)
		return BURST;
	if (!parallel || parallel > PARALLEL)
		return STREAMS;
	p->parallel = (uint32_t)parallel;
	if (p->omit > OMIT_MAX)
		return OMIT;
	if (p->rate > RATE_MAX) /* as good as none */
		p->rate = 0;
	return p->seconds > SECONDS_MAX ? DURATION : 0;
}

uint32_t params_read(struct params *p, const char *text, uint32_t length)
{
	uint32_t wrong;

	*p = (struct params){0};
	if (!json_read(text, length))
		return RECVPARAMS;
	if (json_true("sctp"))
		return SCTP;
	read_flags(p);
	if (!p->udp && !json_true("tcp"))
		return RECVPARAMS;
	wrong = read_block(p);
	return wrong ? wrong : read_limits(p);
}
