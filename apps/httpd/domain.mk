DOMAINS += httpd
httpd_SRCS := $(wildcard apps/httpd/*.c)
