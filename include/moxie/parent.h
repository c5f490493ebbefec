/*
 * What every domain answers its parent alike, whatever it does: that it lives.
 *
 * Interface: a domain takes its control messages by mx_parent_recv instead of mx_control_recv, in
 * domain_event, until it returns false. MX_CTL_ALIVE is answered there and not handed on.
 * Rules: nothing waits. An answer that finds no room goes when the slot becomes pending again.
 */
#ifndef MOXIE_PARENT_H
#define MOXIE_PARENT_H

#include <moxie/control.h>

bool mx_parent_recv(struct mx_control_end *parent, struct mx_control *m);

#endif
