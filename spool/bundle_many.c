/* SPDX-License-Identifier: MIT
 *
 * Checking several bundles at once: a few threads take the next of a list until it is at its end. They share nothing but that place and the folder's descriptor; each verdict has its
 * own room. The first failure of the environment ends the rest.
 */
#include "spool/bundle.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MOST 8

struct many {
	struct spool *s;
	const char *const *path;
	size_t n;
	const struct sign_key *key;
	struct bundle_verdict *ret;
	atomic_size_t next;
	pthread_mutex_t failing;
	int rc;
	struct eg_err err;
};

static void *
work(void *p)
{
	struct many *m = p;

	for (size_t i = atomic_fetch_add(&m->next, 1); i < m->n; i = atomic_fetch_add(&m->next, 1)) {
		struct eg_err err = { 0 };
		int rc = bundle_verify(m->s, m->path[i], m->key, &m->ret[i], &err);
		if (rc >= 0)
			continue;
		(void)pthread_mutex_lock(&m->failing);
		m->rc = rc;
		m->err = err;
		(void)pthread_mutex_unlock(&m->failing);
		atomic_store(&m->next, m->n);
	}
	return NULL;
}

int
bundle_verify_many(struct spool *s, const char *const *path, size_t n, const struct sign_key *key,
    struct bundle_verdict *ret, struct eg_err *err)
{
	struct many m = { .s = s, .path = path, .n = n, .key = key, .ret = ret, .rc = EG_OK };
	pthread_t thread[THREADS_MOST];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t started = 0;

	(void)pthread_mutex_init(&m.failing, NULL);
	while (started + 1 < n && started < THREADS_MOST && (long)started + 1 < cores &&
	       pthread_create(&thread[started], NULL, work, &m) == 0)
		started++;
	(void)work(&m); /* this thread too: then it also works where none could be started */
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(thread[i], NULL);
	(void)pthread_mutex_destroy(&m.failing);
	if (m.rc < 0)
		*err = m.err;
	return m.rc;
}
