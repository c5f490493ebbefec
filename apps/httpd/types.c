/*
 * Content types: a table of extensions, lower case. Unknown ones are application/octet-stream.
 * Text is declared as UTF-8, which ASCII is as well.
 */
#include <stddef.h>
#include <string.h>
#include "types.h"

static const struct {
	char extension[12];
	const char *type;
} types[] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/markdown; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"xml", "application/xml"},
        {"xhtml", "application/xhtml+xml"},
        {"json", "application/json"},
        {"map", "application/json"},
        {"webmanifest", "application/manifest+json"},
        {"wasm", "application/wasm"},
        {"pdf", "application/pdf"},
        {"zip", "application/zip"},
        {"gz", "application/gzip"},
        {"tgz", "application/gzip"},
        {"tar", "application/x-tar"},
        {"xz", "application/x-xz"},
        {"iso", "application/x-iso9660-image"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"avif", "image/avif"},
        {"svg", "image/svg+xml"},
        {"ico", "image/vnd.microsoft.icon"},
        {"bmp", "image/bmp"},
        {"woff", "font/woff"},
        {"woff2", "font/woff2"},
        {"ttf", "font/ttf"},
        {"otf", "font/otf"},
        {"mp3", "audio/mpeg"},
        {"ogg", "audio/ogg"},
        {"opus", "audio/ogg"},
        {"wav", "audio/wav"},
        {"flac", "audio/flac"},
        {"mp4", "video/mp4"},
        {"webm", "video/webm"},
        {"ogv", "video/ogg"},
};

const char *type_of(const char *path, uint32_t length)
{
	char extension[12];
	uint32_t n = 0;

	while (n < length && path[length - 1 - n] != '.' && path[length - 1 - n] != '/')
		n++;
	if (n < length && path[length - 1 - n] == '.' && n < sizeof(extension)) {
		for (uint32_t i = 0; i < n; i++) {
			char c = path[length - n + i];

			extension[i] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
		}
		extension[n] = 0;
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (strcmp(extension, types[i].extension) == 0)
				return types[i].type;
	}
	return "application/octet-stream";
}
