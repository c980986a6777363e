/* SPDX-License-Identifier: MIT
 *
 * What the files of gateway/store/ share and nobody else includes: the database handle, a cache of prepared
 * statements, and short ways to bind, step and read. Statements are found by their text, so every call names its
 * SQL where it is used. A statement taken with sql_get is given back with sql_put (a nested use of the same text
 * gets a statement of its own, so callbacks may call the store again).
 *
 * Errors are mapped once, in sql_fail: EG_RETRY "DB-BUSY", "DISK-FULL", "DB-MEMORY"; EG_FATAL "DB-CORRUPT",
 * "DB-IO", "DB-OPEN", "DB-READONLY", "DB-SQL".
 */
#ifndef GATEWAY_STORE_SQL_H
#define GATEWAY_STORE_SQL_H

#include "gateway/store/store.h"

#include <sqlite3.h>

struct sql_slot {
	const char *sql; /* literal: lives for ever */
	sqlite3_stmt *st;
	bool busy;
};

struct store {
	sqlite3 *db;
	struct sql_slot *slots;
	size_t nslots;
	bool in_tx;
	bool read_only;
	unsigned marks; /* open savepoints */
};

/* The path of a database in a folder, for SQLite. */
int store_db_path(int dirfd, const char *name, char *ret, size_t cap, struct eg_err *err) EG_MUSTCHECK;
/* Made from schema.sql by the Makefile. */
/* upgrade.c: adds what schema.sql has more and sets the version, in a transaction of its own. */
int store_upgrade(struct store *s, int version, struct eg_err *err) EG_MUSTCHECK;
extern const unsigned char store_schema[];
extern const size_t store_schema_len;

/* Turns SQLite's last error into ours; rc is the result code seen. */
int sql_fail(struct store *s, int rc, const char *what, struct eg_err *err);

/* sql must be a string literal. */
int sql_get(struct store *s, const char *sql, sqlite3_stmt **ret, struct eg_err *err) EG_MUSTCHECK;
void sql_put(struct store *s, sqlite3_stmt *st); /* resets; NULL-safe */

/* Binds from 1 on, one letter per value: s const char * (NULL = NULL), S the same with NULL = "", i int64_t, z
 * int64_t with 0 = NULL, b struct eg_bytes as BLOB. Texts are not copied: they must live until sql_put. */
int sql_bind(struct store *s, sqlite3_stmt *st, struct eg_err *err, const char *letters, ...) EG_MUSTCHECK;
/* EG_OK a row is there, EG_EOF no more. */
int sql_step(struct store *s, sqlite3_stmt *st, struct eg_err *err) EG_MUSTCHECK;
/* Reads the row's columns from 0 on: s const char ** (NULL = NULL), S the same with NULL = "", i int64_t * (NULL =
 * 0), b struct eg_bytes *, - skips one. Texts are copied into the arena; with a NULL arena they point into the row
 * and live until the next step or put. EG_BADFILE "LIMIT-MEM". */
int sql_row(sqlite3_stmt *st, struct eg_arena *a, struct eg_err *err, const char *letters, ...) EG_MUSTCHECK;

/* get, bind, step once, put: for statements without rows. */
int sql_exec(struct store *s, struct eg_err *err, const char *sql, const char *letters, ...) EG_MUSTCHECK;
/* The first column of the first row as a number; `none` when there is no row. */
int sql_number(struct store *s, int64_t none, int64_t *ret, struct eg_err *err, const char *sql, const char *letters,
    ...) EG_MUSTCHECK;

#endif
