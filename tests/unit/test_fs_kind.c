/* SPDX-License-Identifier: MIT
 *
 * Kinds of file systems: numbers and words to names; a site on another machine's disk is refused with its name, a drop folder there is not. The kernel's answer is
 * put in its mouth (--wrap=fstatfs64), so no such file system is needed.
 */
#include "base/fs_kind.h"
#include "tests/unit/spool_site.h"

#include <sys/statfs.h>

static unsigned long told; /* f_type given instead of the true one; 0 = the true one */
static ino_t told_of; /* for this inode alone; 0 = for every */

int __real_fstatfs64(int fd, struct statfs *fs);
int __wrap_fstatfs64(int fd, struct statfs *fs);

int
__wrap_fstatfs64(int fd, struct statfs *fs)
{
	struct stat st;
	int rc = __real_fstatfs64(fd, fs);

	if (rc == 0 && told != 0 && (told_of == 0 || (fstat(fd, &st) == 0 && st.st_ino == told_of)))
		fs->f_type = (__typeof__(fs->f_type))told;
	return rc;
}

static const struct {
	uint64_t magic;
	const char *type, *name;
	bool remote;
} rows[] = {
	{ 0x6969, "", "NFS", true },
	{ 0xff534d42, "", "CIFS", true },
	{ 0xffffffffff534d42, "", "CIFS", true }, /* f_type is signed */
	{ 0xfe534d42, "", "SMB2", true },
	{ 0x517b, "", "SMB", true },
	{ 0x01021997, "", "9p", true },
	{ 0x5346414f, "", "AFS", true },
	{ 0x6b414653, "", "AFS", true },
	{ 0x00c36400, "", "Ceph", true },
	{ 0x0bd00bd0, "", "Lustre", true },
	{ 0x65735546, "fuse.sshfs", "FUSE (sshfs)", true },
	{ 0x65735546, "fuse.something", "FUSE (something)", true },
	{ 0x65735546, "fuse", "FUSE", true },
	{ 0x65735546, "", "FUSE", true },
	{ 0x65735546, "virtiofs", "virtiofs", true },
	{ 0x65735546, "fuseblk", "FUSE (disk)", false },
	{ 0x65735546, "fuse.fuse-overlayfs", "FUSE (fuse-overlayfs)", false },
	{ 0xef53, "", "ext4", false },
	{ 0x58465342, "", "XFS", false },
	{ 0x9123683e, "", "Btrfs", false },
	{ 0x01021994, "", "tmpfs", false },
	{ 0x794c7630, "", "overlayfs", false },
	{ 0x12345678, "", "unknown (0x12345678)", false },
	{ 0x12345678, "newfs", "newfs", false },
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct eg_fs_kind k;
		eg_fs_kind_of(rows[i].magic, rows[i].type, &k);
		assert_string_equal(k.name, rows[i].name);
		assert_int_equal(k.remote, rows[i].remote);
	}
}

static void
test_this_disk(void **state)
{
	struct eg_fs_kind k;
	struct eg_fs_mount m;
	struct eg_err err;
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(root >= 0 && proc >= 0);
	assert_int_equal(eg_fs_kind(root, &k, &err), EG_OK);
	assert_true(k.name[0] != '\0');
	eg_fs_mount(root, &m);
	assert_string_equal(m.point, "/");
	assert_true(m.type[0] != '\0' && m.options[0] != '\0');
	eg_fs_mount(proc, &m);
	assert_string_equal(m.type, "proc");
	assert_true(eg_fs_same_mount(root, root));
	assert_false(eg_fs_same_mount(root, proc));
	close(root);
	close(proc);
}

static void
test_refused(void **state)
{
	static const unsigned long network[] = { 0x6969, 0xff534d42, 0xfe534d42, 0x01021997, 0x0bd00bd0, 0x00c36400 };
	struct site_dir t;
	struct eg_fs_kind k;
	struct stat st;

	(void)state;
	site_make(&t);
	for (size_t i = 0; i < sizeof(network) / sizeof(network[0]); i++) {
		struct spool s = SPOOL_INIT;
		told = network[i];
		eg_fs_kind_of(told, "", &k);
		assert_int_equal(spool_open(t.dir, false, &s, &t.err), EG_FATAL);
		assert_string_equal(t.err.code, "SPOOL-FS");
		assert_non_null(strstr(t.err.msg, k.name));
		assert_non_null(strstr(t.err.msg, "local disk"));
	}
	/* the database alone: it stands in the site's own folder */
	struct spool s = SPOOL_INIT;
	assert_int_equal(fstat(t.dir, &st), 0);
	told = 0x6969;
	told_of = st.st_ino;
	assert_int_equal(spool_open(t.dir, false, &s, &t.err), EG_FATAL);
	assert_non_null(strstr(t.err.msg, "database"));
	told = told_of = 0;
	site_remove(&t);
}

static int
ready(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	(void)err;
	*(unsigned *)ctx += c->arrival == ARRIVAL_READY;
	return EG_OK;
}

/* A drop folder there is looked at, and what leases say of it is not believed (NFS refuses them all). */
static void
test_drop_folder(void **state)
{
	struct spool_source src = { .name = "src", .settle = SETTLE_RENAME, .max_bytes = 100 };
	struct spool_place where;
	struct site_dir t;
	struct stat st;
	unsigned n = 0;

	(void)state;
	site_make(&t);
	assert_int_equal(fstatat(t.dir, "spool/drop/src", &st, 0), 0);
	put_text(&t, "spool/drop/src/a.csv", "a\n");
	must(&t, spool_where(&t.spool, "src", &where, &t.err));
	assert_false(where.remote || where.far);
	int writer = openat(t.dir, "spool/drop/src/a.csv", O_WRONLY | O_CLOEXEC);
	assert_true(writer >= 0);
	must(&t, spool_scan(&t.spool, &src, 0, NULL, ready, &n, &t.err));
	assert_int_equal(n, 0);
	told = 0x6969;
	told_of = st.st_ino;
	must(&t, spool_where(&t.spool, "src", &where, &t.err));
	assert_true(where.remote);
	assert_string_equal(where.kind, "NFS");
	must(&t, spool_scan(&t.spool, &src, 0, NULL, ready, &n, &t.err));
	assert_int_equal(n, 1);
	told = told_of = 0;
	close(writer);
	site_remove(&t);
}

/* A signature that lies alone there has arrived like any other; one that comes after its sheet would else wait for ever. */
static void
test_signature(void **state)
{
	static const char sig[65] = "0123456789012345678901234567890123456789012345678901234567890123";
	struct site_dir t;
	struct stat st;
	int dir = -1;

	(void)state;
	site_make(&t);
	put_text(&t, "spool/drop/src/late.csv.sig", sig);
	must(&t, eg_fs_opendir(t.dir, "spool/drop/src", &dir, &t.err));
	assert_int_equal(fstat(dir, &st), 0);
	int writer = openat(dir, "late.csv.sig", O_WRONLY | O_CLOEXEC); /* a lease is refused as NFS refuses all */
	assert_true(writer >= 0);
	assert_false(spool_signature_rests(dir, "late.csv.sig", st.st_mtime, 2));
	told = 0x6969;
	told_of = st.st_ino;
	assert_true(spool_signature_rests(dir, "late.csv.sig", st.st_mtime, 2));
	told = told_of = 0;
	close(writer);
	eg_fd_done(&dir);
	site_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_this_disk),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_drop_folder),
		cmocka_unit_test(test_signature),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
