#ifndef IPERF3_PAYLOAD_H
#define IPERF3_PAYLOAD_H

#include <moxie/domain.h>

void payload_start(void);
/*
 * The piece at `at`, bytes from the start of an endless content: in one frozen frame, at most
 * `most` bytes. Its length; 0: there is no content.
 */
uint32_t payload_piece(struct mx_msg *m, uint64_t at, uint64_t most);
/* The first `length` bytes as a chain; the number of messages, less when they are too few. */
uint32_t payload_chain(struct mx_msg *chain, uint32_t most, uint32_t length);

#endif
