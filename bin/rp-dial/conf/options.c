/*
 * options: the command line of rp-dial as a table, and the invalid
 * combinations. See options.h.
 */
#include "conf/options.h"

#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/tool.h"
#include "conf/names.h"
#include "conf/relay_options.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

#define DURATION_MAX_S (30.0 * 24 * 3600)
#define CALLS_MAX 1e6		/* of a load run: days, and megabytes */
#define RATE 10			/* calls per second, which any switch bears */
#define LOAD_MS 10000		/* of each, because silence has no end */

static const char usage[] =
"usage: rp-dial [--account FILE] [--switch NAME[:PORT]] [--in FILE|-]\n"
"               [--out FILE|-] [--live] [--mic NAME] [--speaker NAME]\n"
"               [--duration SECONDS] [--json FILE|-] [--min-mos X]\n"
"               [--stats[=SECONDS]] CALLEE\n"
"       rp-dial --calls N [--rate R] {--list FILE | [--account FILE] CALLEE}\n"
"               [--switch NAME[:PORT]] [--in FILE] [--duration SECONDS]\n"
"               [--json FILE|-] [--min-mos X]\n"
"       rp-dial [--account FILE] --answer [--echo [--at-once N]] [--once]\n"
"               [--ring SECONDS] [--stats[=SECONDS]]\n"
"               [--decline] [--ready-file FILE] [--push-listen ADDR]\n"
"               [--push-url URL] [--switch NAME[:PORT]] [--in FILE|-]\n"
"               [--out FILE|-] [--live] [--mic NAME] [--speaker NAME]\n"
"               [--duration SECONDS] [--json FILE|-]\n"
"       rp-dial [--account FILE] --register NUMBER --switch NAME[:PORT]\n"
"       rp-dial --probe [--account FILE] [--switch NAME[:PORT]]\n"
"               [--json FILE|-]\n"
"       rp-dial --probe --relay [--account FILE] [--switch NAME[:PORT]]\n"
"               [--json FILE|-] [--textfile FILE|-]\n"
"               [--nagios [-w LIMITS] [-c LIMITS]]\n"
"       rp-dial --probe --relay-url URL... [--ca FILE] [--json FILE|-]\n"
"               {--relay-secret FILE [--relay-user NAME] |\n"
"               --relay-user NAME --relay-password-file FILE}\n"
"               [--textfile FILE|-]\n"
"               [--watch[=SECONDS] | --nagios [-w LIMITS] [-c LIMITS]]\n"
"\n"
"Place, or answer, an end-to-end encrypted call and report its quality.\n"
"\n"
"  --account FILE       our account (default ~/.config/rp/account.conf)\n"
"  --switch NAME[:PORT] the switches to race, instead of the account's\n"
"  --in FILE|-          sound to send: a file or stdin, of any format\n"
"  --out FILE|-         where to write the received audio\n"
"  --duration SECONDS   hang up after talking for this time\n"
"  --mic NAME           speak into this microphone; default, or list\n"
"  --speaker NAME       hear by this speaker; default, or list\n"
"  --json FILE|-        write the report there as a JSON object\n"
"  --min-mos X          exit 8 if the quality was below X at either end\n"
"  --stats[=SECONDS]    a line of JSON per second, or so many, on stdout\n"
"  --answer             wait for a push, and answer the call\n"
"  --echo               send the received audio back\n"
"  --calls N            place so many calls, and sum them up\n"
"  --rate R             so many of them per second (default 10)\n"
"  --list FILE          of accounts and callees, instead of one of each\n"
"  --at-once N          with --echo: take so many calls at once\n"
"  --once               end after one call, with its exit status\n"
"  --ring SECONDS       ring for this time before answering\n"
"  --decline            decline every call\n"
"  --ready-file FILE    write push=ADDRESS there once a push can arrive\n"
"  --push-listen ADDR   where to listen for pushes (default 127.0.0.1:0)\n"
"  --push-url URL       the URL by which a push service reaches it\n"
"  --register NUMBER    become a subscriber, with the code sent to NUMBER\n"
"  --probe              race the switches, and show how fast each answers\n"
"  --relay              also try the relay, and say what is wrong with it\n"
"  --relay-url URL      try this TURN server: turn:HOST:PORT?transport=tcp\n"
"  --relay-secret FILE  the secret behind its credentials (for NAME)\n"
"  --relay-user NAME    or a user's name, and\n"
"  --relay-password-file FILE  that user's password\n"
"  --watch[=SECONDS]    try it again each minute, or so often\n"
"  --textfile FILE|-    write metrics for Prometheus' textfile collector\n"
"  --nagios             print one line, and exit with 0 to 3, as a plugin\n"
"  -w, --warning LIMITS   with --nagios: MS[,LOSS%] that is too much\n"
"  -c, --critical LIMITS  or far too much\n"
"  --live               --in and --out are live: drop what waits over 60 ms\n"
"  --ca FILE            the authorities to trust, instead of the account's\n"
"  -h, --help, --version\n"
"\n"
"Exit status: 0 call completed, 1 usage or local error, 2 no switch\n"
"reachable, 3 no such callee, 4 no answer, 5 busy or declined, 6 not\n"
"authorised, 7 peer identity changed, 8 quality below --min-mos, 9 call\n"
"dropped, 10 the switch's certificate is not trusted, 11 the call was over\n"
"before it could be answered, 12 the relay does not work, 13 calls of --calls\n"
"did not complete.\n";

/* The modes in which an option is allowed. */
enum { DIALS = 1, ANSWERS = 2, PROBES = 4, REGISTERS = 8,
    LOADS = 16 };

#define ANYWHERE (DIALS | ANSWERS | PROBES | REGISTERS | LOADS)

enum id {
	ID_ACCOUNT = 256, ID_SWITCH, ID_IN, ID_OUT, ID_DURATION, ID_JSON,
	ID_MIN_MOS, ID_ANSWER, ID_ECHO, ID_ONCE, ID_RING, ID_DECLINE,
	ID_READY_FILE, ID_PUSH_LISTEN, ID_PUSH_URL, ID_PROBE, ID_REGISTER,
	ID_RELAY, ID_RELAY_URL, ID_RELAY_SECRET, ID_RELAY_USER,
	ID_RELAY_PASSWORD, ID_CA, ID_HELP, ID_VERSION, ID_STATS,
	ID_AT_ONCE, ID_CALLS, ID_RATE, ID_LIST, ID_MIC, ID_SPEAKER, ID_LIVE,
	ID_WATCH, ID_TEXTFILE, ID_NAGIOS, ID_WARNING, ID_CRITICAL
};

static const struct option long_options[] = {
	{ "account", required_argument, NULL, ID_ACCOUNT },
	{ "switch", required_argument, NULL, ID_SWITCH },
	{ "in", required_argument, NULL, ID_IN },
	{ "out", required_argument, NULL, ID_OUT },
	{ "duration", required_argument, NULL, ID_DURATION },
	{ "json", required_argument, NULL, ID_JSON },
	{ "min-mos", required_argument, NULL, ID_MIN_MOS },
	{ "answer", no_argument, NULL, ID_ANSWER },
	{ "echo", no_argument, NULL, ID_ECHO },
	{ "once", no_argument, NULL, ID_ONCE },
	{ "ring", required_argument, NULL, ID_RING },
	{ "decline", no_argument, NULL, ID_DECLINE },
	{ "ready-file", required_argument, NULL, ID_READY_FILE },
	{ "push-listen", required_argument, NULL, ID_PUSH_LISTEN },
	{ "push-url", required_argument, NULL, ID_PUSH_URL },
	{ "probe", no_argument, NULL, ID_PROBE },
	{ "register", required_argument, NULL, ID_REGISTER },
	{ "relay", no_argument, NULL, ID_RELAY },
	{ "relay-url", required_argument, NULL, ID_RELAY_URL },
	{ "relay-secret", required_argument, NULL, ID_RELAY_SECRET },
	{ "relay-user", required_argument, NULL, ID_RELAY_USER },
	{ "relay-password-file", required_argument, NULL, ID_RELAY_PASSWORD },
	{ "ca", required_argument, NULL, ID_CA },
	{ "mic", required_argument, NULL, ID_MIC },
	{ "speaker", required_argument, NULL, ID_SPEAKER },
	{ "live", no_argument, NULL, ID_LIVE },
	{ "help", no_argument, NULL, ID_HELP },
	{ "version", no_argument, NULL, ID_VERSION },
	{ "stats", optional_argument, NULL, ID_STATS },
	{ "at-once", required_argument, NULL, ID_AT_ONCE },
	{ "calls", required_argument, NULL, ID_CALLS },
	{ "rate", required_argument, NULL, ID_RATE },
	{ "list", required_argument, NULL, ID_LIST },
	{ "watch", optional_argument, NULL, ID_WATCH },
	{ "textfile", required_argument, NULL, ID_TEXTFILE },
	{ "nagios", no_argument, NULL, ID_NAGIOS },
	{ "warning", required_argument, NULL, ID_WARNING },
	{ "critical", required_argument, NULL, ID_CRITICAL },
	{ NULL, 0, NULL, 0 }
};

static int
belongs(int id)
{
	switch (id) {
	case ID_MIN_MOS:
		return DIALS | LOADS;
	case ID_IN:
	case ID_DURATION:
		return DIALS | ANSWERS | LOADS;
	case ID_OUT:
	case ID_MIC:
	case ID_SPEAKER:
	case ID_STATS:
	case ID_LIVE:
		return DIALS | ANSWERS;
	case ID_CALLS:
	case ID_RATE:
	case ID_LIST:
		return LOADS;
	case ID_ECHO:
	case ID_AT_ONCE:
	case ID_ONCE:
	case ID_RING:
	case ID_DECLINE:
	case ID_READY_FILE:
	case ID_PUSH_LISTEN:
	case ID_PUSH_URL:
		return ANSWERS;
	case ID_RELAY:
	case ID_RELAY_URL:
	case ID_RELAY_SECRET:
	case ID_RELAY_USER:
	case ID_RELAY_PASSWORD:
	case ID_CA:
	case ID_WATCH:
	case ID_TEXTFILE:
	case ID_NAGIOS:
	case ID_WARNING:
	case ID_CRITICAL:
		return PROBES;
	case ID_JSON:
		return DIALS | ANSWERS | PROBES | LOADS;
	default:
		return ANYWHERE;
	}
}

/* The letters of a plugin's options. */
static int
long_id(int id)
{
	switch (id) {
	case 'w':
		return ID_WARNING;
	case 'c':
		return ID_CRITICAL;
	default:
		return id;
	}
}

static double
number(const char *option, const char *text, double min, double max)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || !(value >= min && value <= max))
		tool_fail(1, option, "wants a number from %g to %.0f: '%s'",
		    min, max, text);
	return value;
}

static uint32_t
seconds(const char *option, const char *text, double min)
{
	return (uint32_t)lround(number(option, text, min, DURATION_MAX_S) *
	    1000);
}

static const char *
name_of(int id)
{
	const struct option *option = long_options;

	while (option->val != id)
		option++;
	return option->name;
}

static void
print_and_exit(int id)
{
	static char whole[2 * sizeof(usage)];

	/* In one write, so that it is known why that fails. */
	setvbuf(stdout, whole, _IOFBF, sizeof(whole));
	if (id == ID_HELP)
		fputs(usage, stdout);
	else
		tool_version();
	tool_exit_said(1);
}

static void
take_relay(struct options *o, const char *url)
{
	if (o->n_relays == OPTIONS_RELAYS)
		tool_fail(1, "--relay-url", "is given too often: %d at most",
		    OPTIONS_RELAYS);
	o->relays[o->n_relays++] = url;
}

static void
take_limits(const char *option, struct threshold *out)
{
	if (threshold_parse(out, optarg) < 0)
		tool_fail(1, option, "wants MS or MS,LOSS%%: '%s'", optarg);
}

static void
take_one(struct options *o, int id)
{
	switch (id) {
	case ID_ACCOUNT: o->account = optarg; break;
	case ID_SWITCH: o->switch_name = optarg; break;
	case ID_IN: o->in = optarg; break;
	case ID_OUT: o->out = optarg; break;
	case ID_MIC: o->mic = optarg; break;
	case ID_SPEAKER: o->speaker = optarg; break;
	case ID_DURATION:
		o->duration_ms = seconds("--duration", optarg, 0.001);
		break;
	case ID_JSON: o->json = optarg; break;
	case ID_MIN_MOS: o->min_mos = number("--min-mos", optarg, 1, 5); break;
	case ID_STATS:
		o->stats_ms = seconds("--stats", optarg != NULL ? optarg :
		    "1", 0.1);
		break;
	case ID_CALLS:
		o->mode = OPTIONS_LOAD;
		o->calls = (size_t)number("--calls", optarg, 1, CALLS_MAX);
		break;
	case ID_RATE: o->rate = number("--rate", optarg, 0.01, 1000); break;
	case ID_LIST: o->list = optarg; break;
	case ID_AT_ONCE:
		o->at_once = (size_t)number("--at-once", optarg, 1,
		    OPTIONS_AT_ONCE);
		break;
	case ID_ANSWER: o->mode = OPTIONS_ANSWER; break;
	case ID_ECHO: o->echo = true; break;
	case ID_ONCE: o->once = true; break;
	case ID_RING: o->ring_ms = seconds("--ring", optarg, 0); break;
	case ID_DECLINE: o->decline = true; break;
	case ID_READY_FILE: o->ready_file = optarg; break;
	case ID_PUSH_LISTEN: o->push_listen = optarg; break;
	case ID_PUSH_URL: o->push_url = optarg; break;
	case ID_PROBE: o->mode = OPTIONS_PROBE; break;
	case ID_REGISTER:
		o->mode = OPTIONS_REGISTER;
		o->number = optarg;
		break;
	case ID_CA: o->ca = optarg; break;
	case ID_LIVE: o->live = true; break;
	case ID_RELAY: o->relay = true; break;
	case ID_RELAY_URL: take_relay(o, optarg); break;
	case ID_RELAY_SECRET: o->relay_secret = optarg; break;
	case ID_RELAY_USER: o->relay_user = optarg; break;
	case ID_RELAY_PASSWORD: o->relay_password = optarg; break;
	case ID_WATCH:
		o->watch_ms = seconds("--watch", optarg != NULL ? optarg :
		    "60", 1);
		break;
	case ID_TEXTFILE: o->textfile = optarg; break;
	case ID_NAGIOS: o->nagios = true; break;
	case ID_WARNING: take_limits("-w", &o->warning); break;
	case ID_CRITICAL: take_limits("-c", &o->critical); break;
	case ID_HELP:
	case ID_VERSION: print_and_exit(id); break;
	default: break;
	}
}

static bool
is_stream(const char *name)
{
	return name != NULL && strcmp(name, "-") == 0;
}

static bool
is_list(const char *name)
{
	return name != NULL && strcmp(name, "list") == 0;
}

bool
options_list(const struct options *o)
{
	return is_list(o->mic) || is_list(o->speaker);
}

static void
check_number(const char *number)
{
	if (number != NULL && !sigmsg_number_ok(number))
		tool_fail(1, number, "invalid number: wants 1 to 32 of "
		    "A-Z a-z 0-9 + . _ -");
}

/*
 * A call between two terminals is a telephone, unless it is told where sound
 * comes from or goes to.
 */
static void
choose_devices(struct options *o)
{
	if ((o->mode != OPTIONS_DIAL && o->mode != OPTIONS_ANSWER) ||
	    o->in != NULL || o->out != NULL || o->echo || o->decline ||
	    !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return;
	o->usual = o->mic == NULL && o->speaker == NULL;
	if (o->mic == NULL)
		o->mic = "default";
	if (o->speaker == NULL)
		o->speaker = "default";
}

static void
check_load(const struct options *o)
{
	if (o->list != NULL && (o->account != NULL || o->callee != NULL))
		tool_fail(1, "--list", "names accounts and callees: leave out "
		    "--account and CALLEE");
	if (o->list == NULL && o->callee == NULL)
		tool_fail(1, "--calls", "wants a CALLEE, or --list");
	if (is_stream(o->in))
		tool_fail(1, "--in", "standard input cannot be shared by "
		    "calls: name a file");
	check_number(o->callee);
}

/* With --answer, % in a name of an output makes one of each call. */
static void
check_names(const struct options *o)
{
	char why[WHY_TEXT];

	if (o->mode != OPTIONS_ANSWER)
		return;
	if (names_is_pattern(o->out) && names_check(o->out, why) < 0)
		tool_fail(1, "--out", "%s: %s", o->out, why);
	if (names_is_pattern(o->json) && names_check(o->json, why) < 0)
		tool_fail(1, "--json", "%s: %s", o->json, why);
	if (o->at_once > 1 && o->out != NULL && !names_is_pattern(o->out))
		tool_fail(1, "--out", "cannot be shared by calls: name it "
		    "with %%s");
}

static void
check_options(const struct options *o)
{
	relay_options_check(o);
	if (o->mode == OPTIONS_DIAL && o->callee == NULL &&
	    !options_list(o))
		tool_fail(1, "usage", "CALLEE is missing: try rp-dial --help");
	if (o->mode == OPTIONS_LOAD) {
		check_load(o);
		return;
	}
	if (o->callee != NULL && o->mode != OPTIONS_DIAL)
		tool_fail(1, o->callee, "there is nobody to call with "
		    "--answer, --register or --probe");
	check_number(o->callee);
	check_number(o->number);
	if (o->echo && o->in != NULL)
		tool_fail(1, "--echo", "sends the received audio back: "
		    "leave out --in");
	if (o->at_once > 1 && (!o->echo || o->once))
		tool_fail(1, "--at-once", "goes with --echo, and not with "
		    "--once");
	if (o->mic != NULL && (o->in != NULL || o->echo))
		tool_fail(1, "--mic", "does not go with --in and --echo: "
		    "what is to be sent?");
	if (is_stream(o->out) && is_stream(o->json))
		tool_fail(1, "--json", "standard output is already used by "
		    "--out");
	if (is_stream(o->out) && o->stats_ms != 0)
		tool_fail(1, "--stats", "standard output is already used by "
		    "--out");
	check_names(o);
}

void
options_read(struct options *out, int argc, char *argv[])
{
	static const int modes[] = {
		[OPTIONS_DIAL] = DIALS,
		[OPTIONS_LOAD] = LOADS,
		[OPTIONS_ANSWER] = ANSWERS,
		[OPTIONS_PROBE] = PROBES,
		[OPTIONS_REGISTER] = REGISTERS
	};
	int id, where = ANYWHERE, index = -1;
	const char *narrow = "usage";

	memset(out, 0, sizeof(*out));
	out->at_once = 1;
	out->rate = RATE;
	opterr = 0;
	relay_options_plugin(argc, argv);
	while ((id = long_id(getopt_long(argc, argv, "hw:c:", long_options,
	    &index))) != -1) {
		if (id == 'h')
			print_and_exit(ID_HELP);
		if (id == '?')
			tool_fail(1, argv[optind - 1], "no such option, or "
			    "its value is missing: try rp-dial --help");
		take_one(out, id);
		if (belongs(id) != ANYWHERE)
			narrow = name_of(id);
		where &= belongs(id);
	}
	if ((where & modes[out->mode]) == 0)
		tool_fail(1, narrow, "does not go with the other options: "
		    "try rp-dial --help");
	if (argc - optind > 1)
		tool_fail(1, argv[optind + 1], "one callee at a time");
	if (optind < argc)
		out->callee = argv[optind];
	if (out->mode == OPTIONS_LOAD && out->duration_ms == 0 &&
	    out->in == NULL)
		out->duration_ms = LOAD_MS;
	check_options(out);
	choose_devices(out);
}
