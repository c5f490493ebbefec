/*
 * lwIP's configuration; docs/stack.md tells the reasons at length.
 * Rules: everything static; the whole stack stays below 6 MiB; both families; no forwarding.
 */
#ifndef STACK_LWIPOPTS_H
#define STACK_LWIPOPTS_H

#define LWIP_HOOK_FILENAME "hooks.h"
/* Here, not in hooks.h, because it changes what lwIP's own headers declare. */
#define LWIP_HOOK_IP4_ROUTE_SRC(src, dest) stack_route4(src, dest)

/* One context, raw API only. Timers are ours (timer.c), so that an idle stack sleeps. */
#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define LWIP_TIMERS          0

/* Memory: pools only (lwippools.h). */
#define MEM_ALIGNMENT            8
#define MEM_USE_POOLS            1
#define MEMP_USE_CUSTOM_POOLS    1
#define MEMP_NUM_TCP_PCB         2304
#define MEMP_NUM_TCP_PCB_LISTEN  64
#define MEMP_NUM_TCP_SEG         8192
#define MEMP_NUM_PBUF            10240
#define MEMP_NUM_UDP_PCB         16
#define MEMP_NUM_ARP_QUEUE       64
#define MEMP_NUM_ND6_QUEUE       64
#define MEMP_NUM_MLD6_GROUP      64
#define MEMP_NUM_REASSDATA       16
#define MEMP_NUM_FRAG_PBUF       64
#define PBUF_POOL_SIZE           4 /* received packets stay in their frames: frame.c */
#define PBUF_POOL_BUFSIZE        256
#define PBUF_POOL_FREE_OOSEQ     0
#define LWIP_SUPPORT_CUSTOM_PBUF 1
/* A packet that waits for ARP or ND is copied: what it refers to may be freed before it leaves. */
#define PBUF_NEEDS_COPY(p) 1

/* Links. */
#define LWIP_ARP                     1
#define LWIP_ETHERNET                1
#define ETH_PAD_SIZE                 0
#define ARP_TABLE_SIZE               120
#define ARP_QUEUEING                 1
#define ARP_QUEUE_LEN                8
#define LWIP_NETIF_LOOPBACK          0
#define LWIP_HAVE_LOOPIF             0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1 /* per port, and per packet when the device vouches */

/* IP. */
#define LWIP_IPV4                     1
#define LWIP_IPV6                     1
#define IP_FORWARD                    0
#define IP_REASSEMBLY                 1
#define IP_FRAG                       1
#define IP_REASS_MAX_PBUFS            64
#define IP_REASS_MAXAGE               15
#define LWIP_IPV6_FORWARD             0
#define LWIP_IPV6_FRAG                1
#define LWIP_IPV6_REASS               1
#define IPV6_FRAG_COPYHEADER          1 /* with pointers of 64 bits, or the first fragment asserts */
#define IPV6_REASS_MAXAGE             15
#define LWIP_IPV6_NUM_ADDRESSES       8
#define LWIP_IPV6_AUTOCONFIG          0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_IPV6_MLD                 1
#define LWIP_ND6_ALLOW_RA_UPDATES     0
#define LWIP_ND6_NUM_NEIGHBORS        100
#define LWIP_ND6_NUM_DESTINATIONS     100 /* lwIP walks them with eight signed bits */
#define LWIP_ICMP                     1
#define LWIP_BROADCAST_PING           0
#define LWIP_MULTICAST_PING           0
#define LWIP_IGMP                     0
#define LWIP_RAW                      0
#define LWIP_DNS                      0
#define LWIP_UDP                      1

/* TCP. */
#define TCP_MSS                    1460
#define TCP_CALCULATE_EFF_SEND_MSS 1
#define TCP_WND                    (256 * 1024)
#define LWIP_WND_SCALE             1
#define TCP_RCV_SCALE              3
#define TCP_SND_BUF                (256 * 1024) /* MX_SK_WINDOW */
#define TCP_SND_QUEUELEN           1024
#define TCP_SNDLOWAT               16384
#define TCP_OVERSIZE               0 /* a small head is followed by file data by reference */
#define TCP_LISTEN_BACKLOG         1
#define TCP_DEFAULT_LISTEN_BACKLOG 128
#define LWIP_TCP_TIMESTAMPS        1
#define LWIP_TCP_SACK_OUT          1
#define LWIP_TCP_MAX_SACK_NUM      3 /* what fits beside a timestamp */
#define TCP_QUEUE_OOSEQ            1
#define TCP_OOSEQ_PBUFS_LIMIT(pcb) stack_frame_share()
#define TCP_OOSEQ_BYTES_LIMIT(pcb) TCP_WND
#define SO_REUSE                   1 /* a restarted application listens beside its TIME-WAITs */
#define LWIP_TCP_PCB_NUM_EXT_ARGS  1 /* connection.c learns of every freed pcb */
#define LWIP_TCP_KEEPALIVE         1
#define TCP_KEEPIDLE_DEFAULT       30000 /* ms of silence before a peer is asked if it lives, */
#define TCP_KEEPINTVL_DEFAULT      5000  /* between two questions, */
#define TCP_KEEPCNT_DEFAULT        6     /* and this many go unanswered: it is gone */
#define TCP_MSL                    2000  /* ms: TIME-WAIT of 4 s, see docs/stack.md */
#define TCP_TMR_INTERVAL           50    /* ms: retransmission ticks of 100 ms */
#define TCP_SYNMAXRTX              5

/* Its sanity checks assume receive pools that we do not use. */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1

/* Counters, read by counters.c. */
#define LWIP_STATS         1
#define LWIP_STATS_LARGE   1
#define LWIP_STATS_DISPLAY 0
#define MEM_STATS          0
#define SYS_STATS          0
#define MEMP_STATS         1

#endif
