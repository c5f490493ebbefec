/*
 * lwIP's cyclic timers, each only while there is something for it to do: an idle stack sleeps.
 *
 * Rules: a timer that was not needed starts a whole interval late. One that is overdue runs once,
 * not once for each interval missed.
 */
#include <moxie/domain.h>
#include "lwip/opt.h"
#include "lwip/etharp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "large.h"
#include "timer.h"

#define REASSEMBLY (LWIP_MAX(IP_REASS_MAXAGE, IPV6_REASS_MAXAGE) + 2)
_Static_assert(IP_TMR_INTERVAL == IP6_REASS_TMR_INTERVAL, "one timer for both");

static bool ethernet;
/* Runs of the timer until no fragment waits: time may leap, as when the machine is halted. */
static uint32_t fragment_runs;
static u32_t now_ms; /* one for a whole turn, so that its segments have equal timestamps */

void timer_read(void)
{
	now_ms = (u32_t)(mx_now() / MX_MS);
}

u32_t sys_now(void)
{
	return now_ms;
}

void timer_link(void)
{
	ethernet = true;
}

void timer_fragment(void)
{
	fragment_runs = REASSEMBLY;
}

/*
 * lwIP stops probing a closed window when it sends, but not when what it was to send again is
 * acknowledged after all: the next tick would find nothing to probe with, and assert. Nor when the
 * window has opened and something else holds the segment: it would cut it at 16 bits of the window,
 * which may be 0.
 */
static void end_probing(void)
{
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
		if (!pcb->unsent || pcb->snd_wnd > UINT16_MAX)
			pcb->persist_backoff = 0;
}

static void run_tcp(void)
{
	end_probing();
	tcp_tmr();
	large_turn();
}

static void run_reassembly(void)
{
	ip_reass_tmr();
	ip6_reass_tmr();
	fragment_runs--;
}

static bool need_tcp(uint64_t now)
{
	(void)now;
	return tcp_active_pcbs || tcp_tw_pcbs;
}

static bool need_link(uint64_t now)
{
	(void)now;
	return ethernet;
}

static bool need_reassembly(uint64_t now)
{
	(void)now;
	return fragment_runs > 0;
}

/* A report of a multicast group is due. */
static bool need_mld(uint64_t now)
{
	struct netif *netif;

	(void)now;
	if (!ethernet)
		return false;
	NETIF_FOREACH(netif)
	for (struct mld_group *g = netif_mld6_data(netif); g; g = g->next)
		if (g->timer)
			return true;
	return false;
}

static struct timer {
	uint64_t interval;
	void (*run)(void);
	bool (*needed)(uint64_t now);
	uint64_t due; /* 0 while it is not needed */
} timers[] = {
        {TCP_TMR_INTERVAL * MX_MS, run_tcp, need_tcp, 0},
        {IP_TMR_INTERVAL * MX_MS, run_reassembly, need_reassembly, 0},
        {ARP_TMR_INTERVAL * MX_MS, etharp_tmr, need_link, 0},
        {ND6_TMR_INTERVAL * MX_MS, nd6_tmr, need_link, 0},
        {MLD6_TMR_INTERVAL * MX_MS, mld6_tmr, need_mld, 0},
};

void timer_run(void)
{
	uint64_t now = mx_now();

	for (uint32_t i = 0; i < LWIP_ARRAYSIZE(timers); i++) {
		struct timer *t = &timers[i];

		if (t->due && now >= t->due) {
			t->run();
			t->due += t->interval; /* not from now: under load each run is late */
			if (t->due <= now)
				t->due = 0;
		}
		if (!t->needed(now))
			t->due = 0;
		else if (!t->due)
			t->due = now + t->interval;
		if (t->due)
			mx_wake_at(t->due);
	}
}
