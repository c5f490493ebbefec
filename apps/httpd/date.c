/*
 * Dates of HTTP: see date.h. Days are counted as in the proleptic Gregorian calendar with years
 * that start in March, so that the leap day is the last of its year.
 */
#include <string.h>
#include "date.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "ThuFriSatSunMonTueWed"; /* 1 January 1970 was a Thursday */

static void put_number(char *out, uint32_t value, uint32_t digits)
{
	while (digits-- > 0) {
		out[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

void date_format(uint32_t seconds, char *out)
{
	uint32_t day = seconds / 86400, left = seconds % 86400;
	uint32_t z = day + 719468; /* days since 1 March of year 0 */
	uint32_t era = z / 146097, doe = z % 146097;
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;
	uint32_t month = mp < 10 ? mp + 3 : mp - 9;

	memcpy(out, "Day, 00 Mon 0000 00:00:00 GMT", DATE_LENGTH);
	memcpy(out, days + day % 7 * 3, 3);
	put_number(out + 5, doy - (153 * mp + 2) / 5 + 1, 2);
	memcpy(out + 8, months + (month - 1) * 3, 3);
	put_number(out + 12, yoe + era * 400 + (month <= 2), 4);
	put_number(out + 17, left / 3600, 2);
	put_number(out + 20, left / 60 % 60, 2);
	put_number(out + 23, left % 60, 2);
}

static bool seconds_of(const uint32_t *f, uint32_t month, uint32_t *seconds)
{
	uint32_t year = f[1] - (month <= 2), mp = (month + 9) % 12;
	uint32_t yoe = year % 400, doy = (153 * mp + 2) / 5 + f[0] - 1;
	uint64_t day = (uint64_t)(year / 400) * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy;

	/* The hour may be 24 nowhere; a leap second (60) counts as the next second. */
	if (f[1] < 1970 || f[0] < 1 || f[0] > 31 || f[2] > 23 || f[3] > 59 || f[4] > 60)
		return false;
	day = (day - 719468) * 86400 + f[2] * 3600 + f[3] * 60 + f[4];
	*seconds = day > UINT32_MAX ? UINT32_MAX : (uint32_t)day;
	return true;
}

/*
 * Match text with a pattern: D day of month (or space-padded), Y year, y two digits of it,
 * h m s the time, b a month's name, a letters of a day's name; else the character itself.
 */
static bool match(const char *s, const char *pattern, uint32_t *seconds)
{
	static const char keys[] = "DYhms";
	uint32_t f[5] = {0}, month = 0;

	for (; *pattern; pattern++) {
		const char *key =
		        strchr(*pattern == 'y' ? "Y" : keys, *pattern == 'y' ? 'Y' : *pattern);

		if (*pattern == 'a') {
			while (*s >= 'A' && *s <= 'z')
				s++;
		} else if (*pattern == 'b') {
			for (month = 0; month < 12 && strncmp(s, months + month * 3, 3) != 0;
			     month++)
				;
			if (month++ == 12)
				return false;
			s += 3;
		} else if (key) {
			uint32_t n = *pattern == 'Y' ? 4 : 2;
			uint32_t *v = &f[*pattern == 'y' ? 1 : key - keys];

			for (; n > 0; n--, s++) {
				if (*s == ' ' && *pattern == 'D' && n == 2)
					continue;
				if (*s < '0' || *s > '9')
					return false;
				*v = *v * 10 + (uint32_t)(*s - '0');
			}
			if (*pattern == 'y') /* no clock here: a window of a century */
				*v += *v < 70 ? 2000 : 1900;
		} else if (*s++ != *pattern) {
			return false;
		}
	}
	return *s == 0 && seconds_of(f, month, seconds);
}

bool date_parse(const char *text, uint32_t *seconds)
{
	return match(text, "a, D b Y h:m:s GMT", seconds) /* IMF-fixdate */ ||
	       match(text, "a, D-b-y h:m:s GMT", seconds) /* RFC 850 */ ||
	       match(text, "a b D h:m:s Y", seconds) /* asctime */;
}
