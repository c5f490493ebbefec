# An application that burns its core: `set system domain NAME image busy`, see tests/net/test_move.py.
TEST_DOMAINS += busy
busy_SRCS := tests/move/busy.c
