/* SPDX-License-Identifier: MIT
 *
 * Prepared statements, binding, reading, and the one place where SQLite's result codes become our error classes. A
 * busy or full database is the environment's fault and is tried again later; a broken one stops the program
 * (EG_FATAL), because nothing it says can be trusted.
 */
#include "gateway/store/sql.h"

#include <errno.h>
#include <stdarg.h>

static const struct {
	int rc; /* primary result code */
	enum eg_class cls;
	const char *code, *advice;
} faults[] = {
	{ SQLITE_BUSY, EG_RETRY, "DB-BUSY", "another erpgate is writing; try again when it has finished" },
	{ SQLITE_LOCKED, EG_RETRY, "DB-BUSY", "another erpgate is writing; try again when it has finished" },
	{ SQLITE_FULL, EG_RETRY, "DISK-FULL", "free some space on the disk that holds state.db and run again" },
	{ SQLITE_NOMEM, EG_RETRY, "DB-MEMORY", "there was not enough memory; close other programs and run again" },
	{ SQLITE_CORRUPT, EG_FATAL, "DB-CORRUPT",
	    "state.db is damaged; rebuild it from the archive with `erpgate db rebuild`" },
	{ SQLITE_NOTADB, EG_FATAL, "DB-CORRUPT",
	    "state.db is not a database; rebuild it from the archive with `erpgate db rebuild`" },
	{ SQLITE_IOERR, EG_FATAL, "DB-IO",
	    "the disk that holds state.db failed; check it before anything else is run" },
	{ SQLITE_CANTOPEN, EG_FATAL, "DB-OPEN",
	    "state.db cannot be opened; check that the site's folder exists and belongs to erpgate's account. If it is lost: erpgate db rebuild makes it again from the archive" },
	{ SQLITE_READONLY, EG_FATAL, "DB-READONLY",
	    "state.db may only be read; run this as the account that owns the site" },
	{ SQLITE_PERM, EG_FATAL, "DB-READONLY",
	    "state.db may only be read; run this as the account that owns the site" },
};

int
sql_fail(struct store *s, int rc, const char *what, struct eg_err *err)
{
	int sys = s->db != NULL ? sqlite3_system_errno(s->db) : 0;

	/* SQLite calls it FULL only where it writes the file itself; its shared memory and its opening say I/O error. */
	if (((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN) && (sys == ENOSPC || sys == EDQUOT))
		rc = SQLITE_FULL;
	const char *said = s->db != NULL && rc != SQLITE_FULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].rc == (rc & 0xff))
			return eg_fail(err, faults[i].cls, faults[i].code, "%s: %s; %s", what, said, faults[i].advice);
	return eg_fail(err, EG_FATAL, "DB-SQL", "%s: %s; this is a fault of erpgate, please report it", what, said);
}

int
sql_get(struct store *s, const char *sql, sqlite3_stmt **ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc;

	for (size_t i = 0; i < s->nslots; i++) {
		struct sql_slot *slot = &s->slots[i];

		if (slot->busy || (slot->sql != sql && strcmp(slot->sql, sql) != 0))
			continue;
		slot->busy = true;
		*ret = slot->st;
		return EG_OK;
	}
	rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);
	if (rc != SQLITE_OK)
		return sql_fail(s, rc, "preparing a statement", err);
	s->slots = eg_xrealloc(s->slots, (s->nslots + 1) * sizeof(*s->slots));
	s->slots[s->nslots++] = (struct sql_slot){ sql, st, true };
	*ret = st;
	return EG_OK;
}

void
sql_put(struct store *s, sqlite3_stmt *st)
{
	if (st == NULL)
		return;
	(void)sqlite3_reset(st); /* repeats the error that sql_step already told */
	(void)sqlite3_clear_bindings(st);
	for (size_t i = 0; i < s->nslots; i++)
		if (s->slots[i].st == st) {
			s->slots[i].busy = false;
			return;
		}
	eg_bug("a statement that is not of this store");
}

static int
bind_text(sqlite3_stmt *st, int at, const char *v)
{
	if (v == NULL)
		return sqlite3_bind_null(st, at);
	return sqlite3_bind_text(st, at, v, -1, SQLITE_STATIC);
}

static int
bind_blob(sqlite3_stmt *st, int at, struct eg_bytes v)
{
	if (v.len == 0)
		return sqlite3_bind_zeroblob(st, at, 0);
	return sqlite3_bind_blob64(st, at, v.ptr, v.len, SQLITE_STATIC);
}

static int
bind_one(sqlite3_stmt *st, int at, char letter, va_list *ap)
{
	const char *text;
	int64_t n;

	switch (letter) {
	case 's':
		return bind_text(st, at, va_arg(*ap, const char *));
	case 'S':
		text = va_arg(*ap, const char *);
		return bind_text(st, at, text == NULL ? "" : text);
	case 'i':
		return sqlite3_bind_int64(st, at, va_arg(*ap, int64_t));
	case 'z':
		n = va_arg(*ap, int64_t);
		return n == 0 ? sqlite3_bind_null(st, at) : sqlite3_bind_int64(st, at, n);
	case 'b':
		return bind_blob(st, at, va_arg(*ap, struct eg_bytes));
	default:
		eg_bug("unknown letter %c in sql_bind", letter);
	}
}

static int
bind_all(struct store *s, sqlite3_stmt *st, struct eg_err *err, const char *letters, va_list *ap)
{
	for (int i = 0; letters[i] != '\0'; i++) {
		int rc = bind_one(st, i + 1, letters[i], ap);

		if (rc != SQLITE_OK)
			return sql_fail(s, rc, "binding a value", err);
	}
	return EG_OK;
}

int
sql_bind(struct store *s, sqlite3_stmt *st, struct eg_err *err, const char *letters, ...)
{
	va_list ap;
	int rc;

	va_start(ap, letters);
	rc = bind_all(s, st, err, letters, &ap);
	va_end(ap);
	return rc;
}

int
sql_step(struct store *s, sqlite3_stmt *st, struct eg_err *err)
{
	errno = 0;
	int rc = sqlite3_step(st);
	/* A quota is a full disk; SQLite knows only ENOSPC as one, and of a COMMIT that fails it does not keep the errno. Writes only: a sync that failed must not be tried again. */
	if (rc == SQLITE_IOERR_WRITE && errno == EDQUOT)
		rc = SQLITE_FULL;

	if (rc == SQLITE_ROW)
		return EG_OK;
	if (rc == SQLITE_DONE)
		return EG_EOF;
	return sql_fail(s, rc, "reading or changing state.db", err);
}

static int
text_of(sqlite3_stmt *st, int col, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	const unsigned char *p = sqlite3_column_text(st, col);

	*ret = (const char *)p;
	if (p == NULL || a == NULL)
		return EG_OK;
	*ret = eg_arena_cstr(a, eg_bytes(p, (size_t)sqlite3_column_bytes(st, col)));
	if (*ret == NULL)
		return eg_fail(
		    err, EG_BADFILE, "LIMIT-MEM", "a row of state.db does not fit the memory set aside for it");
	return EG_OK;
}

static int
blob_of(sqlite3_stmt *st, int col, struct eg_arena *a, struct eg_bytes *ret, struct eg_err *err)
{
	const void *p = sqlite3_column_blob(st, col);

	*ret = eg_bytes(p, (size_t)sqlite3_column_bytes(st, col));
	if (a == NULL)
		return EG_OK;
	*ret = eg_arena_dup(a, *ret);
	if (ret->ptr == NULL)
		return eg_fail(
		    err, EG_BADFILE, "LIMIT-MEM", "a row of state.db does not fit the memory set aside for it");
	return EG_OK;
}

static int
row_one(sqlite3_stmt *st, int col, char letter, struct eg_arena *a, va_list *ap, struct eg_err *err)
{
	const char **text;
	int rc;

	switch (letter) {
	case '-':
		return EG_OK;
	case 'i':
		*va_arg(*ap, int64_t *) = sqlite3_column_int64(st, col);
		return EG_OK;
	case 'b':
		return blob_of(st, col, a, va_arg(*ap, struct eg_bytes *), err);
	case 's':
	case 'S':
		text = va_arg(*ap, const char **);
		rc = text_of(st, col, a, text, err);
		if (rc == EG_OK && letter == 'S' && *text == NULL)
			*text = "";
		return rc;
	default:
		eg_bug("unknown letter %c in sql_row", letter);
	}
}

int
sql_row(sqlite3_stmt *st, struct eg_arena *a, struct eg_err *err, const char *letters, ...)
{
	va_list ap;
	int rc = EG_OK;

	va_start(ap, letters);
	for (int i = 0; rc == EG_OK && letters[i] != '\0'; i++)
		rc = row_one(st, i, letters[i], a, &ap, err);
	va_end(ap);
	return rc;
}

int
sql_exec(struct store *s, struct eg_err *err, const char *sql, const char *letters, ...)
{
	sqlite3_stmt *st = NULL;
	va_list ap;
	int rc = sql_get(s, sql, &st, err);

	if (rc != EG_OK)
		return rc;
	va_start(ap, letters);
	rc = bind_all(s, st, err, letters, &ap);
	va_end(ap);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
sql_number(struct store *s, int64_t none, int64_t *ret, struct eg_err *err, const char *sql, const char *letters, ...)
{
	sqlite3_stmt *st = NULL;
	va_list ap;
	int rc = sql_get(s, sql, &st, err);

	if (rc != EG_OK)
		return rc;
	va_start(ap, letters);
	rc = bind_all(s, st, err, letters, &ap);
	va_end(ap);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		*ret = sqlite3_column_int64(st, 0);
	if (rc == EG_EOF) {
		*ret = none;
		rc = EG_OK;
	}
	sql_put(s, st);
	return rc;
}
