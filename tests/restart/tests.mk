# Domains that misbehave towards init, for tests/net/test_restart.py; `set system domain NAME image`.
TEST_DOMAINS += deaf liar
deaf_SRCS := tests/restart/deaf.c
liar_SRCS := tests/restart/liar.c
