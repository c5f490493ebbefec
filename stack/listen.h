#ifndef STACK_LISTEN_H
#define STACK_LISTEN_H

#include <moxie/domain.h>

void listen_open(uint8_t app, const struct mx_msg *m); /* MX_SK_LISTEN */
bool listen_tell(uint8_t app);   /* answers what is open; false: the channel is full */
void listen_forget(uint8_t app); /* the application has ended */

#endif
