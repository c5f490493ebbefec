/* Last words of a domain: see words.h. */
#include "executive/words.h"

static uint64_t owed; /* ns: lines said, less the time since; see may_speak */
static uint64_t last; /* ns: when that was true */
static uint32_t unsaid;

/* A bucket of WORDS_BURST lines that empties by one each WORDS_NS. */
static bool may_speak(void)
{
	uint64_t now = arch_now(), past = now - last;

	owed = owed > past ? owed - past : 0;
	last = now;
	if (owed > (WORDS_BURST - 1) * WORDS_NS) {
		unsaid++;
		return false;
	}
	owed += WORDS_NS;
	return true;
}

static const char *cause_name(uint32_t cause)
{
	static const char *const names[] = {
	        [MX_CAUSE_EXIT] = "exit",     [MX_CAUSE_FAULT] = "fault",
	        [MX_CAUSE_BUDGET] = "budget", [MX_CAUSE_KILLED] = "killed",
	        [MX_CAUSE_CORE] = "core",     [MX_CAUSE_MISUSE] = "misuse",
	        [MX_CAUSE_DEVICE] = "device"};

	return cause < sizeof names / sizeof *names && names[cause] ? names[cause] : "cause";
}

/* What its device may not do, by the IOMMU's reason: from 32 on it is about interrupts (VT-d 7.1).
 */
static const char *forbidden(const struct end *e)
{
	return e->child.status >= 32 ? "interrupt by" : e->code & MX_DEVICE_READ ? "read" : "write";
}

/* The end of each line. */
#define FIGURES       ", ran %lu us, %u frames, %u bad, %u refused\n"
#define FIGURES_OF(e) (e)->ran / 1000, (e)->child.frames, (e)->bad, (e)->refused

static void say_device(const struct child *c)
{
	const struct end *e = &c->end;

	print("moxie: core %u: %s: its device %02x:%02x.%u may not %s %#lx, reason %u" FIGURES,
	      c->place.core, c->name, e->code >> 8 & 0xff, e->code >> 3 & 31, e->code & 7,
	      forbidden(e), e->address, e->child.status, FIGURES_OF(e));
}

void words_ended(const struct child *c)
{
	const struct end *e = &c->end;

	if (!may_speak())
		return;
	if (unsaid)
		print("moxie: core %u: %u more ends not told\n", self, unsaid);
	unsaid = 0;
	if (e->child.cause == MX_CAUSE_DEVICE && e->code) {
		say_device(c);
		return;
	}
	print("moxie: core %u: %s: %s %u, code %x rip %lx address %lx" FIGURES, c->place.core,
	      c->name, cause_name(e->child.cause), e->child.status, e->code, e->rip, e->address,
	      FIGURES_OF(e));
}
