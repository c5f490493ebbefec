/*
 * The pools behind lwIP's mem_malloc: constant time, no fragmentation.
 * 160 holds a TCP header with options; 704 an application's small write of COPY_MAX
 * bytes; 1792 a packet of 1500; 33280 the reply to a reassembled echo request.
 */
LWIP_MALLOC_MEMPOOL_START
LWIP_MALLOC_MEMPOOL(8192, 160)
LWIP_MALLOC_MEMPOOL(1536, 704)
LWIP_MALLOC_MEMPOOL(256, 1792)
LWIP_MALLOC_MEMPOOL(2, 33280)
LWIP_MALLOC_MEMPOOL_END
