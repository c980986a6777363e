# SPDX-License-Identifier: MIT
"""A time stamp authority of the openssl command, for tests: its CA, its certificate of any dates, answers as of any time. The clock of openssl is moved by a small preloaded library."""
import os, subprocess

CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long moved(void) { const char *v = getenv("CLOCK_MOVED"); return v ? atol(v) : 0; }
int clock_gettime(clockid_t id, struct timespec *t)
{
	static int (*real)(clockid_t, struct timespec *);
	if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int rc = real(id, t);
	if (rc == 0 && id == CLOCK_REALTIME) t->tv_sec += moved();
	return rc;
}
time_t time(time_t *p) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); if (p) *p = t.tv_sec; return t.tv_sec; }
int gettimeofday(struct timeval *v, void *z) { struct timespec t; (void)z; clock_gettime(CLOCK_REALTIME, &t); v->tv_sec = t.tv_sec; v->tv_usec = t.tv_nsec / 1000; return 0; }
"""

SETTINGS = """
[ca]
default_ca = it
[it]
dir = {0}
database = {0}/index
new_certs_dir = {0}
serial = {0}/serial
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
organizationName = optional
commonName = supplied
[stamper]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[req]
distinguished_name = name
[name]
[tsa]
default_tsa = desk
[desk]
serial = {0}/tsaserial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def run(*args, **more):
    done = subprocess.run(args, capture_output=True, **more)
    assert done.returncode == 0, " ".join(args) + "\n" + done.stderr.decode("utf-8", "replace")
    return done.stdout


class Authority:
    def __init__(self, folder, name, begins="20150101000000Z", ends="20490101000000Z"):
        os.makedirs(folder)
        self.folder, self.ca = folder, os.path.join(folder, "ca.pem")
        self.conf = os.path.join(folder, "conf")
        for file, text in (("conf", SETTINGS.format(folder)), ("index", ""), ("serial", "01\n"), ("tsaserial", "01\n"), ("clock.c", CLOCK)):
            with open(os.path.join(folder, file), "w") as f:
                f.write(text)
        for who in ("ca", "tsa"):
            run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.at(who + ".key"))
        run("openssl", "req", "-new", "-config", self.conf, "-key", self.at("ca.key"), "-subj", "/CN=%s root" % name, "-out", self.at("ca.csr"))
        run("openssl", "ca", "-batch", "-config", self.conf, "-selfsign", "-keyfile", self.at("ca.key"), "-in", self.at("ca.csr"), "-extensions", "root",
            "-startdate", "20100101000000Z", "-enddate", "20490101000000Z", "-notext", "-out", self.ca)
        run("openssl", "req", "-new", "-config", self.conf, "-key", self.at("tsa.key"), "-subj", "/CN=%s" % name, "-out", self.at("tsa.csr"))
        self.certify(begins, ends)
        self.clock = self.at("clock.so")
        run("cc", "-shared", "-fPIC", "-o", self.clock, self.at("clock.c"), "-ldl")

    def at(self, name):
        return os.path.join(self.folder, name)

    def certify(self, begins, ends):
        """A certificate of these dates for the stamping key."""
        run("openssl", "ca", "-batch", "-config", self.conf, "-cert", self.ca, "-keyfile", self.at("ca.key"), "-in", self.at("tsa.csr"), "-extensions", "stamper",
            "-startdate", begins, "-enddate", ends, "-notext", "-out", self.at("tsa.pem"))

    def answer(self, request, moved=0):
        """The answer to the request in that file, as of now + moved seconds."""
        return run("openssl", "ts", "-reply", "-config", self.conf, "-queryfile", request, "-signer", self.at("tsa.pem"), "-inkey", self.at("tsa.key"), "-chain", self.ca,
                   env=dict(os.environ, LD_PRELOAD=self.clock, CLOCK_MOVED=str(moved)))
