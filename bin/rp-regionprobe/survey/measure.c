/*
 * measure: connect to each switch at once, time it, and look at its
 * certificate. See measure.h.
 */
#include "survey/measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/clock.h"
#include "net/certname.h"
#include "net/connect.h"
#include "net/loop.h"

#define CONNECTS 3		/* round trips, of which the minimum counts */
#define STEP_S 3		/* a connect, or a whole handshake */
#define DAY_S 86400

struct probe {
	struct measure *measure;
	struct measure_target *target;
	struct loop_event *event;
	struct loop_event *patience;	/* of this step */
	gnutls_session_t session;
	uint64_t start_ns;
	int connects;
	int fd;
};

struct measure {
	const struct measure_options *options;
	struct event_base *loop;
	gnutls_certificate_credentials_t trust;
	struct probe *probes;
	size_t n;
};

static void
finish_probe(struct probe *p, const char *why)
{
	if (why != NULL)
		snprintf(p->target->why, sizeof(p->target->why), "%s", why);
	loop_event_free(p->event);
	p->event = NULL;
	loop_event_stop(p->patience);
	if (p->session != NULL)
		gnutls_deinit(p->session);
	p->session = NULL;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void
wait_for(struct probe *p, unsigned what, loop_watch_handler *handler)
{
	loop_event_free(p->event);
	p->event = loop_watch_new(p->measure->loop, p->fd, what, handler, p);
	if (p->event == NULL || loop_event_start(p->event) < 0 ||
	    loop_timer_set_ms(p->patience, STEP_S * 1000) < 0)
		finish_probe(p, "out of memory");
}

static void
look_at_certificate(struct probe *p)
{
	struct measure_target *t = p->target;
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t leaf;
	unsigned status = 0, n = 0;

	chain = gnutls_certificate_get_peers(p->session, &n);
	if (chain == NULL || n == 0 || gnutls_x509_crt_init(&leaf) < 0)
		return;
	if (gnutls_x509_crt_import(leaf, &chain[0], GNUTLS_X509_FMT_DER) == 0) {
		t->tls = true;
		t->trusted = gnutls_certificate_verify_peers2(p->session,
		    &status) == 0 && status == 0;
		t->no_names = !certname_has_any(leaf);
		t->for_name = certname_matches(leaf, p->measure->options->name);
		t->for_own_name = t->own_name != NULL &&
		    certname_matches(leaf, t->own_name);
		t->days_left = (int)((gnutls_x509_crt_get_expiration_time(leaf)
		    - time(NULL)) / DAY_S);
	}
	gnutls_x509_crt_deinit(leaf);
}

static void
on_handshake(int fd, unsigned ready, void *arg)
{
	struct probe *p = arg;
	int err;

	(void)fd;
	(void)ready;
	do {
		err = gnutls_handshake(p->session);
	} while (err < 0 && err != GNUTLS_E_AGAIN &&
	    gnutls_error_is_fatal(err) == 0);
	if (err == GNUTLS_E_AGAIN) {
		wait_for(p, gnutls_record_get_direction(p->session) != 0 ?
		    LOOP_WRITE : LOOP_READ, on_handshake);
		return;
	}
	if (err == 0)
		look_at_certificate(p);
	finish_probe(p, err == 0 ? NULL : gnutls_strerror(err));
}

static void
start_tls(struct probe *p)
{
	const char *name = p->measure->options->name;

	if (gnutls_init(&p->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0 ||
	    gnutls_set_default_priority(p->session) < 0 ||
	    gnutls_credentials_set(p->session, GNUTLS_CRD_CERTIFICATE,
	    p->measure->trust) < 0 ||
	    gnutls_server_name_set(p->session, GNUTLS_NAME_DNS, name,
	    strlen(name)) < 0) {
		finish_probe(p, "out of memory");
		return;
	}
	gnutls_transport_set_int(p->session, p->fd);
	on_handshake(p->fd, LOOP_WRITE, p);
}

static void start_connect(struct probe *p);

/* Note a failed connect. A lost packet after a good connect proves nothing. */
static void
fail_connect(struct probe *p, int err)
{
	finish_probe(p, p->target->rtt_ms < 0 ? connect_error_text(err) : NULL);
}

static void
on_late(void *arg)
{
	struct probe *p = arg;

	if (p->session != NULL)
		finish_probe(p, "TCP answers, TLS does not");
	else
		fail_connect(p, -ETIMEDOUT);
}

static void
on_connected(int fd, unsigned ready, void *arg)
{
	struct probe *p = arg;
	struct measure_target *t = p->target;
	int err = connect_result(fd);
	double ms;

	(void)ready;
	if (err < 0) {
		fail_connect(p, err);
		return;
	}
	ms = connect_rtt_ms(fd);
	if (ms < 0)
		ms = (double)(clock_ns() - p->start_ns) / (double)CLOCK_MS;
	if (t->rtt_ms < 0 || ms < t->rtt_ms)
		t->rtt_ms = ms;
	if (++p->connects == CONNECTS) {
		start_tls(p);
		return;
	}
	finish_probe(p, NULL);
	start_connect(p);
}

static void
start_connect(struct probe *p)
{
	p->start_ns = clock_ns();
	p->fd = connect_open(&p->target->addr);
	if (p->fd < 0) {
		finish_probe(p, connect_error_text(p->fd));
		return;
	}
	wait_for(p, LOOP_WRITE, on_connected);
}

static int
load_trust(struct measure *m)
{
	int n;

	if (gnutls_certificate_allocate_credentials(&m->trust) < 0)
		return -ENOMEM;
	n = m->options->ca_file == NULL ?
	    gnutls_certificate_set_x509_system_trust(m->trust) :
	    gnutls_certificate_set_x509_trust_file(m->trust,
	    m->options->ca_file, GNUTLS_X509_FMT_PEM);
	return n > 0 || m->options->ca_file == NULL ? 0 : -EINVAL;
}

int
measure_run(struct measure_target targets[], size_t n,
    const struct measure_options *options)
{
	struct measure m = { .options = options, .n = n };
	size_t i;
	int err = load_trust(&m);

	m.loop = loop_new();
	m.probes = calloc(n + 1, sizeof(*m.probes));
	if (err == 0 && (m.loop == NULL || m.probes == NULL))
		err = -ENOMEM;
	for (i = 0; i < n && err == 0; i++) {
		m.probes[i] = (struct probe){
			.measure = &m, .target = &targets[i], .fd = -1
		};
		m.probes[i].patience = loop_timer_new(m.loop, on_late,
		    &m.probes[i]);
		if (m.probes[i].patience == NULL) {
			err = -ENOMEM;
			break;
		}
		targets[i].rtt_ms = -1;
		addr_set_port(&targets[i].addr, options->port);
		start_connect(&m.probes[i]);
	}
	if (err == 0)
		loop_run(m.loop);
	for (i = 0; m.probes != NULL && i < n; i++)
		loop_event_free(m.probes[i].patience);
	loop_free(m.loop);
	if (m.trust != NULL)
		gnutls_certificate_free_credentials(m.trust);
	free(m.probes);
	return err;
}
