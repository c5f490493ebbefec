/*
 * A domain that includes a header of the executive.
 * must say: a domain includes an executive header
 */
#include <moxie/abi.h>
#ifdef WRONG
#include "executive/machine.h"
#endif

int version(void);

int version(void)
{
	return MX_ABI_VERSION;
}
