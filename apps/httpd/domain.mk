DOMAINS += httpd
httpd_SRCS := $(wildcard apps/httpd/*.c)
# Request syntax is http-parser's; the archive of libhttp-parser-dev is position independent.
HTTP_PARSER_LIB ?= /usr/lib/x86_64-linux-gnu/libhttp_parser.a
httpd_LIBS := $(HTTP_PARSER_LIB)
