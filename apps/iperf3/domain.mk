# JSON is read by jsmn, one header of libjsmn-dev without memory management.
DOMAINS += iperf3
iperf3_SRCS := $(wildcard apps/iperf3/*.c)
