/* SPDX-License-Identifier: MIT
 *
 * TZif files: checked wholly while they are loaded, looked up by halving. A file may come from anywhere the administrator points the system's folder at,
 * so counts and indexes are checked like those of any other input.
 */
#include "base/tz.h"

#include "base/buf.h"
#include "base/tz_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 65536 /* the largest of 2025 has under 4 KiB */
#define HEADER 44
#define OFFSET_MAX (26 * 3600)
#define DAY 86400

struct eg_tz {
	size_t n; /* transitions */
	int64_t *at; /* ascending */
	int32_t *after; /* offset from at[i] on */
	int32_t before; /* offset before the first transition */
	struct eg_tz_rule rule; /* after the last one */
};

/* ---- reading ---- */

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t
be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

struct block { /* counts of a header, and where its parts stand */
	size_t isut, isstd, leaps, times, types, chars;
	const unsigned char *at, *index, *type;
	size_t len; /* with the header */
};

/* v begins with a header whose times have `width` bytes. */
static bool
block_read(struct eg_bytes v, size_t width, struct block *b)
{
	const unsigned char *p = v.ptr;

	if (v.len < HEADER || !eg_bytes_starts(v, EG_LIT("TZif")))
		return false;
	b->isut = be32(p + 20);
	b->isstd = be32(p + 24);
	b->leaps = be32(p + 28);
	b->times = be32(p + 32);
	b->types = be32(p + 36);
	b->chars = be32(p + 40);
	if (b->isut > 256 || b->isstd > 256 || b->leaps > FILE_MAX || b->times > FILE_MAX || b->types < 1 ||
	    b->types > 256 || b->chars > FILE_MAX)
		return false;
	b->at = p + HEADER;
	b->index = b->at + b->times * width;
	b->type = b->index + b->times;
	b->len =
	    HEADER + b->times * (width + 1) + b->types * 6 + b->chars + b->leaps * (width + 4) + b->isstd + b->isut;
	return b->len <= v.len;
}

static bool
offset_of(const struct block *b, size_t type, int32_t *ret)
{
	if (type >= b->types)
		return false;
	*ret = (int32_t)be32(b->type + type * 6);
	return *ret > -OFFSET_MAX && *ret < OFFSET_MAX;
}

static bool
transitions_read(const struct block *b, struct eg_tz *z)
{
	bool good = offset_of(b, 0, &z->before);

	z->n = b->times;
	z->at = eg_xalloc((z->n + 1) * sizeof(*z->at));
	z->after = eg_xalloc((z->n + 1) * sizeof(*z->after));
	for (size_t i = 0; good && i < z->n; i++) {
		z->at[i] = be64(b->at + i * 8);
		good = offset_of(b, b->index[i], &z->after[i]) && (i == 0 || z->at[i] > z->at[i - 1]);
	}
	return good;
}

/* What stands behind the second block: LF, rule, LF. */
static bool
footer_read(struct eg_bytes v, struct eg_tz_rule *ret)
{
	struct eg_bytes line;

	if (v.len < 2 || v.ptr[0] != '\n')
		return false;
	v = eg_bytes_sub(v, 1, v.len);
	return eg_bytes_chr(v, '\n') < v.len && eg_bytes_cut(&v, '\n', &line) && eg_tz_rule_parse(line, ret);
}

int
eg_tz_parse(struct eg_bytes tzif, struct eg_tz **ret, struct eg_err *err)
{
	struct block first, second;
	struct eg_tz *z = eg_xalloc(sizeof(*z));
	bool good = block_read(tzif, 4, &first) && tzif.ptr[4] >= '2';

	if (good) {
		tzif = eg_bytes_sub(tzif, first.len, tzif.len);
		good = block_read(tzif, 8, &second);
	}
	if (good)
		good = transitions_read(&second, z) && footer_read(eg_bytes_sub(tzif, second.len, tzif.len), &z->rule);
	if (!good) {
		eg_tz_free(z);
		return eg_fail(err, EG_BADFILE, "TZ-FILE",
		    "that is no time zone file of version 2 or later; install the package tzdata again");
	}
	*ret = z;
	return EG_OK;
}

/* Areas and places of letters, digits, _ + -, parted by single slashes: nothing that leads out of the folder. */
static bool
name_good(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i], low = c | 0x20;
		bool word = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
		if (!word && (c != '/' || i == 0 || i + 1 == n || name[i - 1] == '/'))
			return false;
	}
	return n > 0 && n <= EG_TZ_NAME_MAX;
}

/* Names of the database are often links to each other: these are followed. */
static int
file_read(const char *name, struct eg_buf *ret, struct eg_err *err)
{
	char *path = eg_xprintf(EG_TZ_FOLDER "/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned char chunk[4096];
	ssize_t n = -1;
	struct stat st;

	free(path);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while ((n = read(fd, chunk, sizeof(chunk))) > 0)
			eg_buf_put(ret, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
	return n == 0 ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "TZ-NAME",
		       "there is no time zone \"%s\"; write one of " EG_TZ_FOLDER " such as America/New_York, or UTC",
		       name);
}

int
eg_tz_load(const char *name, struct eg_tz **ret, struct eg_err *err)
{
	struct eg_buf text = { .max = FILE_MAX };
	int rc;

	if (strcmp(name, "UTC") == 0) {
		*ret = NULL;
		return EG_OK;
	}
	if (!name_good(name))
		return eg_fail(err, EG_BADREC, "TZ-NAME",
		    "\"%s\" is no name of a time zone; write one such as America/New_York or UTC", name);
	rc = file_read(name, &text, err);
	if (rc == EG_OK)
		rc = eg_tz_parse(eg_buf_view(&text), ret, err);
	eg_buf_done(&text);
	return rc;
}

void
eg_tz_free(struct eg_tz *z)
{
	if (z == NULL)
		return;
	free(z->at);
	free(z->after);
	free(z);
}

/* ---- asking ---- */

int32_t
eg_tz_offset(const struct eg_tz *z, int64_t unix_sec)
{
	size_t low = 0, high;

	if (z == NULL)
		return 0;
	if (z->rule.there && (z->n == 0 || unix_sec >= z->at[z->n - 1]))
		return eg_tz_rule_offset(&z->rule, unix_sec);
	high = z->n;
	while (low < high) { /* transitions up to then */
		size_t mid = low + (high - low) / 2;
		if (z->at[mid] <= unix_sec)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? z->before : z->after[low - 1];
}

struct eg_date
eg_tz_date(const struct eg_tz *z, int64_t unix_sec)
{
	return eg_date_of_time(unix_sec + eg_tz_offset(z, unix_sec));
}

void
eg_tz_print(const struct eg_tz *z, int64_t unix_sec, char ret[EG_TZ_TEXT])
{
	char text[EG_TIME_TEXT];

	eg_time_print(text, unix_sec + eg_tz_offset(z, unix_sec));
	text[10] = ' ';
	memcpy(ret, text, EG_TZ_TEXT - 1);
	ret[EG_TZ_TEXT - 1] = '\0';
}

/* No clock is more than a day from UTC, and no zone changes twice within the two days looked at. */
int64_t
eg_tz_moment(const struct eg_tz *z, struct eg_date d, int32_t sec_of_day)
{
	int64_t shown = eg_date_time(d) + sec_of_day, low = shown - DAY, high = shown + DAY;
	int32_t before = eg_tz_offset(z, low), after = eg_tz_offset(z, high);

	if (eg_tz_offset(z, shown - before) == before)
		return shown - before; /* with the older offset: the first of two */
	if (eg_tz_offset(z, shown - after) == after)
		return shown - after;
	while (high - low > 1) {
		int64_t mid = low + (high - low) / 2;
		if (eg_tz_offset(z, mid) == before)
			low = mid;
		else
			high = mid;
	}
	return high;
}
