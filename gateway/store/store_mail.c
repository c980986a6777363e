/* SPDX-License-Identifier: MIT
 *
 * Mails that wait for the system's sendmail, and what became of those that did.
 */
#include "gateway/store/sql.h"

int
mail_add(struct store *s, const struct mail_row *m, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT INTO mail (id, once, kind, recipient, subject, message, state, queued, attempts, next, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT (once) DO NOTHING",
	    "sssssssiiis", m->id, m->once, m->kind, m->recipient, m->subject, m->message, m->state, m->queued,
	    m->attempts, m->next, m->said);
}

int
mail_save(struct store *s, const struct mail_row *m, struct eg_err *err)
{
	return sql_exec(s, err,
	    "UPDATE mail SET state = ?1, attempts = ?2, next = ?3, ended = ?4, said = ?5, message = CASE ?1 WHEN 'queued' THEN message ELSE '' END WHERE id = ?6",
	    "siizss", m->state, m->attempts, m->next, m->ended, m->said, m->id);
}

#define MAIL_COLS "id, once, kind, recipient, subject, message, state, said, queued, attempts, next, ended"

static int
mail_read(sqlite3_stmt *st, struct eg_arena *a, struct mail_row *ret, struct eg_err *err)
{
	return sql_row(st, a, err, "ssssssssiiii", &ret->id, &ret->once, &ret->kind, &ret->recipient, &ret->subject,
	    &ret->message, &ret->state, &ret->said, &ret->queued, &ret->attempts, &ret->next, &ret->ended);
}

int
mail_get(struct store *s, const char *id, struct eg_arena *a, struct mail_row *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " MAIL_COLS " FROM mail WHERE id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = mail_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
mail_first(struct store *s, struct eg_arena *a, struct mail_row *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(
	    s, "SELECT " MAIL_COLS " FROM mail WHERE state = 'queued' ORDER BY next, length(id), id LIMIT 1", &st, err);

	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = mail_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
mail_each(struct store *s, unsigned limit, int (*each)(void *ctx, const struct mail_row *m, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct mail_row m;
	int rc = sql_get(s,
	    "SELECT id, once, kind, recipient, subject, '', state, said, queued, attempts, next, ended FROM (SELECT * FROM mail ORDER BY length(id) DESC, id DESC "
	    "LIMIT CASE ?1 WHEN 0 THEN -1 ELSE ?1 END) ORDER BY length(id), id",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", (int64_t)limit);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = mail_read(st, NULL, &m, err);
		if (rc == EG_OK)
			rc = each(ctx, &m, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
