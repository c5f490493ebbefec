/*
 * What a sanitizer's runtime is to do unless the environment says something else.
 *
 * The first finding ends the program with a status of its own, which no test takes for anything
 * else. Copies of an image have the same globals each, which are no mistake; and the fault of a
 * domain is its executive's matter.
 */
#define OPTIONS "exitcode=99:halt_on_error=1:abort_on_error=0:symbolize=1:fast_unwind_on_fatal=1"

const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return OPTIONS ":detect_odr_violation=0:detect_leaks=0:handle_segv=0:detect_stack_use_"
	               "after_return=0";
}

const char *__tsan_default_options(void)
{
	return OPTIONS ":handle_segv=0:report_signal_unsafe=0";
}

const char *__ubsan_default_options(void)
{
	return OPTIONS ":print_stacktrace=1";
}
