/*
 * Calls over two switches, as rp-signal(7) has them, for Spin. A line that
 * begins with "rp-signal:" quotes what the code below it does.
 *
 * Device 0 is Alice's. Devices 1 and 2 are Bob's. A call is a number, its
 * session id: the lower number is the lower id, and the ids of calls are drawn
 * when they begin. A connection is a pair of queues that keep their order. It
 * may break, which loses what is in them. A push channel may lose, double and
 * reorder what is in it. A switch may die, and its calls with it.
 *
 * What may happen is chosen by macros; t/verify/run has the sets of them:
 *
 *   DEVICES   of both
 *   CALLS     at most, those that are dialled again included
 *   DIALS     bits of the devices that dial the other one, once each
 *   HOMES     1: both dial the switch 0; 2: either; 3: each another one
 *   LOST, DOUBLED, BREAKS, DEATHS   how often each may happen
 *   REDIALS   how often a call is dialled again whose switch is lost
 *   CANCELS   bits of the devices whose call may be taken back by its user
 *   DECLINES  bits of the devices that may decline
 *   HANGUPS   bits of the devices that may hang up an answered call
 *   TOUCHED   bits of the devices that may wait for a touch before they connect
 *   LATER     Alice dials when a call of Bob's is over
 *   HURRIED   a deadline may pass at any time, and not only when nothing else
 *             can happen
 *   MUST      bits of the devices that talk in the end
 *
 * and the mistakes that the model finds, each by WRONG_NAME.
 */
#ifndef DEVICES
#define DEVICES 3
#endif
#ifndef CALLS
#define CALLS 2
#endif
#ifndef DIALS
#define DIALS 1
#endif
#ifndef HOMES
#define HOMES 2
#endif
#ifndef LOST
#define LOST 0
#endif
#ifndef DOUBLED
#define DOUBLED 0
#endif
#ifndef BREAKS
#define BREAKS 0
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#ifndef CANCELS
#define CANCELS 0
#endif
#ifndef DECLINES
#define DECLINES 0
#endif
#ifndef TOUCHED
#define TOUCHED 0
#endif
#ifndef HANGUPS
#define HANGUPS 0
#endif
#ifndef REDIALS
#define REDIALS 0
#endif
#ifndef MUST
#define MUST 0
#endif

#define NOBODY 7
#define LEGS (CALLS * DEVICES)
#define LEG(c, d) ((c) * DEVICES + (d))
#define HAS(bits, d) (((bits) >> (d)) & 1)
/* Of two numbers, and the devices of the other one. */
#define IS_ALICES(d) ((d) == 0)
#define RINGS_FOR(c, d) (IS_ALICES(caller[c]) != IS_ALICES(d))

#define B_RING 1
#define B_ANSWER 2
#define B_HANGUP 4
#define B_BUSY 8

mtype = { RING, ANSWER, BUSY, HANGUP, RESUME,		/* requests */
    OK, CONFLICT, GONE, NOT_FOUND,			/* 200 409 410 404 */
    CALL, CANCEL };					/* pushes */

/* The switches. */
mtype:state = { NONE, WAKING, RINGS, ANSWERED, ENDED };
mtype:leg = { WAITS, READY, OUT };
bool alive[2] = true;
mtype:state state[CALLS] = NONE;
mtype:leg leg[LEGS] = WAITS;
byte home[CALLS] = NOBODY, caller[CALLS] = NOBODY, winner[CALLS] = NOBODY;
byte owes[LEGS];			/* bits of requests, until answered */
bool glared[CALLS], busied[CALLS];	/* that is the reason of its end */
bool told[CALLS];			/* the caller has got a device's answer */
bool pushed[LEGS];			/* it was woken once at least */

/* What is under way. */
chan door[2] = [DEVICES] of { byte };		/* INITIATE: who */
chan begun[DEVICES] = [1] of { mtype, byte };	/* its answer, the session */
chan up[LEGS] = [8] of { mtype, mtype };	/* requests; OK and of what */
chan down[LEGS] = [8] of { mtype, mtype };
bool linked[LEGS];
#define PUSHES 6
chan push[DEVICES] = [PUSHES] of { mtype, byte };
byte lost, doubled, breaks, deaths;

/* The devices. A device has one call that it dials and one that it is called by. */
mtype:has = { FREE, SHOWN, LEFT, ASKING, DIALLED, HELD, RINGING, ANSWERING, TALKING, PAUSE };
mtype:has out[DEVICES] = FREE, in[DEVICES] = FREE;
byte mine[DEVICES] = NOBODY, theirs[DEVICES] = NOBODY;
byte redials[DEVICES];
bool gives_way[DEVICES];		/* its call is to be hung up */
bool wants[DEVICES];			/* it answers without ringing */
bool expects[DEVICES];			/* the next call is the one it wants */
bool dialled[DEVICES], waits[DEVICES];
bool was_linked[LEGS];
bool seen[LEGS];			/* a push of that call was taken */
bool took[LEGS];			/* the end of that call was taken */
byte asks[LEGS];			/* bits of requests, until answered */
bool is_lost[DEVICES];			/* the switch of its call is dead */

#define LAST (DEVICES - 1)
#define NO_PAUSE (out[0] != PAUSE && out[1] != PAUSE && out[LAST] != PAUSE)
#define TALKS(d) (out[d] == TALKING || in[d] == TALKING)

#define IS_FREE(c) (home[c] == NOBODY)

/* A branch for each call for which `condition` holds; it becomes `c`. */
#define ONE(condition, n, then) :: condition(n) -> c = n; then
#if CALLS == 1
#define EACH(condition, then) ONE(condition, 0, then)
#elif CALLS == 2
#define EACH(condition, then) ONE(condition, 0, then) ONE(condition, 1, then)
#elif CALLS == 3
#define EACH(condition, then) ONE(condition, 0, then) ONE(condition, 1, then) \
    ONE(condition, 2, then)
#else
#define EACH(condition, then) ONE(condition, 0, then) ONE(condition, 1, then) \
    ONE(condition, 2, then) ONE(condition, 3, then)
#endif

/*
 * What a switch does.
 */

/* Say something to a party; what it does not answer is said again after RESUME. */
inline tell(c, d, what_, flag)
{
	owes[LEG(c, d)] = owes[LEG(c, d)] | flag;
	if
	:: linked[LEG(c, d)] ->
		assert(nfull(down[LEG(c, d)]));
		down[LEG(c, d)]!what_, OK
	:: else
	fi
}

/* Into a push channel, that may lose and double it. */
inline put_push(d, kind, c)
{
	assert(len(push[d]) + 2 <= PUSHES);
	if
	:: push[d]!kind, c
	:: lost < LOST -> lost++
	:: doubled < DOUBLED -> doubled++; push[d]!kind, c; push[d]!kind, c
	fi
}

/* Tell a device that a call which might ring there does not any more. */
inline dismiss(c, d)
{
	if
	:: !linked[LEG(c, d)] || leg[LEG(c, d)] == WAITS ->
#ifndef WRONG_NO_CANCEL
		put_push(d, CANCEL, c)
#else
		skip
#endif
	:: else
	fi;
	if
	:: linked[LEG(c, d)] -> tell(c, d, HANGUP, B_HANGUP)
	:: else
	fi
}

/* The call is over. All but `from` are told. */
inline end_call(c, from)
{
	if
	:: from != caller[c] -> tell(c, caller[c], HANGUP, B_HANGUP)
	:: else
	fi;
	for (other : 0 .. DEVICES - 1) {
		if
		:: !RINGS_FOR(c, other) || other == from ||
		    leg[LEG(c, other)] == OUT
		:: else ->
			if
			:: state[c] != ANSWERED -> dismiss(c, other)
			:: else ->
				if
				:: linked[LEG(c, other)] ->
					tell(c, other, HANGUP, B_HANGUP)
				:: else
				fi
			fi
		fi
	}
	state[c] = ENDED
}

inline reply(c, d, status, what_)
{
	assert(nfull(down[LEG(c, d)]));
	down[LEG(c, d)]!status, what_
}

/*
 * rp-signal: "When two subscribers call each other at once, one of the two calls
 * is ended. On one switch a call that is already ringing goes on; otherwise the
 * one with the lower session id does. The other call is answered 409, or hung
 * up, with glare."
 */
inline initiate(s, d)
{
	if
	EACH(IS_FREE, skip)
	fi;
	o = 0;
	beats = false;
	do
	:: o == CALLS -> break
	:: o < CALLS ->
		if
		:: home[o] == s && (state[o] == WAKING || state[o] == RINGS) &&
		    IS_ALICES(caller[o]) != IS_ALICES(d) ->
#ifndef WRONG_NO_GLARE
			if
			:: state[o] == RINGS || o < c -> beats = true
			:: else -> glared[o] = true; end_call(o, NOBODY)
			fi
#else
			skip
#endif
		:: else
		fi;
		o++
	od;
	if
	:: beats -> begun[d]!CONFLICT, NOBODY
	:: else ->
		home[c] = s;
		caller[c] = d;
		state[c] = WAKING;
		linked[LEG(c, d)] = true;
		begun[d]!OK, c
	fi;
	c = 0;
	o = 0;
	beats = false
}

/*
 * rp-signal: "A ring is repeated every push.repeat_ms until the device sends
 * RING." Here as often as pushes may be lost.
 */
inline wake(c, d)
{
	sent[LEG(c, d)]++;
	put_push(d, CALL, c)
}

inline ring(c, d)
{
	if
	:: leg[LEG(c, d)] == OUT -> reply(c, d, CONFLICT, RING)
	:: leg[LEG(c, d)] == READY ->
		/* rp-signal: "The same answer again gets 200 and has no effect" */
#ifndef WRONG_RING_AGAIN
		reply(c, d, OK, RING)
#else
		reply(c, d, CONFLICT, RING)
#endif
	:: leg[LEG(c, d)] == WAITS ->
		leg[LEG(c, d)] = READY;
		state[c] = RINGS;
		if
		:: !told[c] ->
			told[c] = true;
			tell(c, caller[c], RING, B_RING)
		:: else
		fi;
		reply(c, d, OK, RING)
	fi
}

/*
 * rp-signal: "A callee's device has been picked up. 409 before its RING with an
 * answer. The rings of the other devices end with answered-elsewhere. A repeated
 * ANSWER gets 200 and has no effect."
 */
inline answer(c, d)
{
	if
	:: winner[c] == d -> reply(c, d, OK, ANSWER)
	:: winner[c] != d && leg[LEG(c, d)] != READY ->
		reply(c, d, CONFLICT, ANSWER)
	:: else ->
#ifndef WRONG_SECOND_WINS
		assert(winner[c] == NOBODY);
#endif
		winner[c] = d;
		tell(c, caller[c], ANSWER, B_ANSWER);
		for (other : 0 .. DEVICES - 1) {
			if
			:: !RINGS_FOR(c, other) || other == d ||
			    leg[LEG(c, other)] == OUT
			:: else ->
				dismiss(c, other);
#ifndef WRONG_SECOND_WINS
				leg[LEG(c, other)] = OUT
#endif
			fi
		};
		state[c] = ANSWERED;
		reply(c, d, OK, ANSWER)
	fi
}

/* rp-signal: "The caller is told when no device is left: the call is then over" */
inline busy(c, d)
{
	if
	:: state[c] == ANSWERED -> reply(c, d, CONFLICT, BUSY)
	:: else ->
		leg[LEG(c, d)] = OUT;
		left = 0;
		for (other : 0 .. DEVICES - 1) {
			if
			:: RINGS_FOR(c, other) && leg[LEG(c, other)] != OUT ->
				left++
			:: else
			fi
		};
		if
		:: left == 0 ->
			state[c] = ENDED;
			busied[c] = true;
			tell(c, caller[c], BUSY, B_HANGUP)
		:: else
		fi;
		left = 0;
		reply(c, d, OK, BUSY)
	fi
}

/*
 * rp-signal: "This connection is the party's from now on. After it come the
 * requests that were not answered on the last connection, and those that arrived
 * since. A device that has not sent RING gets 409."
 */
inline resume(c, d)
{
	if
	:: d != caller[c] && leg[LEG(c, d)] != READY ->
		reply(c, d, CONFLICT, RESUME)
	:: else ->
		reply(c, d, OK, RESUME);
#ifndef WRONG_NOT_REPEATED
		if
		:: (owes[LEG(c, d)] & B_RING) -> tell(c, d, RING, B_RING)
		:: else
		fi;
		if
		:: (owes[LEG(c, d)] & B_ANSWER) -> tell(c, d, ANSWER, B_ANSWER)
		:: else
		fi
#endif
	fi
}

inline answered_us(c, d, request)
{
	if
	:: request == RING -> owes[LEG(c, d)] = owes[LEG(c, d)] & (15 - B_RING)
	:: request == ANSWER -> owes[LEG(c, d)] = owes[LEG(c, d)] & (15 - B_ANSWER)
	:: else -> owes[LEG(c, d)] = owes[LEG(c, d)] & (15 - B_HANGUP)
	fi
}

#ifdef WRONG_SECOND_WINS
#define MAY_STILL(c, d) (leg[LEG(c, d)] == READY)
#else
#define MAY_STILL(c, d) false
#endif

inline serve(c, d, what, about)
{
	if
	:: what == OK -> answered_us(c, d, about)
	:: else ->
		if
		/* rp-signal: 410, "The session is over; Reason says why." */
		:: state[c] == ENDED || state[c] == ANSWERED &&
		    d != caller[c] && d != winner[c] && !MAY_STILL(c, d) ->
			reply(c, d, GONE, what)
		:: else ->
			if
			:: what == RING -> ring(c, d)
			:: what == ANSWER -> answer(c, d)
			:: what == BUSY -> busy(c, d)
			:: what == RESUME -> resume(c, d)
			:: what == HANGUP ->
				end_call(c, d);
				reply(c, d, OK, HANGUP)
			fi
		fi
	fi
}

/* Its memory and its connections are gone. */
inline die(s)
{
	deaths++;
	alive[s] = false;
	for (c : 0 .. CALLS - 1) {
		for (other : 0 .. DEVICES - 1) {
			if
			:: home[c] == s -> cut(c, other)
			:: else
			fi
		}
	};
	do
	:: nempty(door[s]) -> door[s]?other; begun[other]!NOT_FOUND, NOBODY
	:: empty(door[s]) -> break
	od;
	c = 0;
	other = 0
}

inline cut(c, d)
{
	linked[LEG(c, d)] = false;
	do
	:: nempty(up[LEG(c, d)]) -> up[LEG(c, d)]?_, _
	:: nempty(down[LEG(c, d)]) -> down[LEG(c, d)]?_, _
	:: empty(up[LEG(c, d)]) && empty(down[LEG(c, d)]) -> break
	od
}

#define RINGING_AT(s, c) (home[c] == s && (state[c] == WAKING || \
    state[c] == RINGS))
#define WAKES(s, c, d) (d < DEVICES && RINGING_AT(s, c) && \
    RINGS_FOR(c, d) && leg[LEG(c, d)] == WAITS && \
    sent[LEG(c, d)] <= LOST && !(push[d]??[CALL, c]))

#define ASKS(c, d) (home[c] == s && nempty(up[LEG(c, d)]))
#define ASKS0(c) ASKS(c, 0)
#define ASKS1(c) ASKS(c, 1)
#define ASKS2(c) (DEVICES > 2 && ASKS(c, (DEVICES - 1)))
#define WAKES0(c) WAKES(s, c, 0)
#define WAKES1(c) WAKES(s, c, 1)
#define WAKES2(c) (DEVICES > 2 && WAKES(s, c, (DEVICES - 1)))
#ifdef HURRIED
#define EXPIRES(c) RINGING_AT(s, c)
#else
#define EXPIRES(c) (RINGING_AT(s, c) && timeout)
#endif

proctype Switch(byte s)
{
	byte c, d, o, other, left, sent[LEGS];
	mtype what, about;
	bool beats;

end:	do
	:: atomic { alive[s] && nempty(door[s]) ->
		door[s]?d; initiate(s, d); d = 0 }
	:: atomic {
		if
		EACH(ASKS0, d = 0)
		EACH(ASKS1, d = 1)
		EACH(ASKS2, d = 2)
		fi;
		up[LEG(c, d)]?what, about;
		serve(c, d, what, about);
		c = 0; d = 0; what = 0; about = 0; other = 0 }
	:: atomic {
		if
		EACH(WAKES0, d = 0)
		EACH(WAKES1, d = 1)
		EACH(WAKES2, d = 2)
		fi;
		wake(c, d);
		c = 0; d = 0 }
	/* rp-signal: "Past a deadline the call is over, expired." */
	:: atomic {
		if
		EACH(EXPIRES, skip)
		fi;
		end_call(c, NOBODY);
		c = 0; other = 0 }
	:: atomic { alive[s] && deaths < DEATHS -> die(s) }
	od
}

/*
 * What a device does.
 */

/* Say something to the switch of a call; until it is answered it is asked. */
inline ask(c, d, what_, flag)
{
	asks[LEG(c, d)] = asks[LEG(c, d)] | flag;
	if
	:: linked[LEG(c, d)] ->
		assert(nfull(up[LEG(c, d)]));
		up[LEG(c, d)]!what_, OK
	:: else		/* "link" says it */
	fi
}

/* Take a call that rings: RING by the connection that it names. */
inline take(c, d)
{
	theirs[d] = c;
	in[d] = ASKING;
	ask(c, d, RING, B_RING)
}

/*
 * Show a call that is pushed. Some devices connect at once, and others when their
 * user touches what they show.
 */
inline display(c, d)
{
	/* No ring after its end was heard of. */
	assert(!took[LEG(c, d)]);
	if
	:: take(c, d)
	:: HAS(TOUCHED, d) && !wants[d] ->
		theirs[d] = c;
		in[d] = SHOWN
	:: HAS(TOUCHED, d) && !wants[d] ->
		theirs[d] = c;
		in[d] = LEFT	/* its user is away */
	fi
}

inline forget_theirs(d)
{
	asks[LEG(theirs[d], d)] = asks[LEG(theirs[d], d)] & (15 - B_RING);
	asks[LEG(theirs[d], d)] = asks[LEG(theirs[d], d)] & (15 - B_ANSWER);
	in[d] = FREE;
	theirs[d] = NOBODY;
	wants[d] = false;
	is_lost[d] = false
}

inline forget_mine(d)
{
	out[d] = FREE;
	mine[d] = NOBODY
}

inline hang_up(c, d)
{
	took[LEG(c, d)] = true;
	ask(c, d, HANGUP, B_HANGUP)
}

/*
 * rp-signal: "A client may be woken by the number that it is dialling. If its own
 * call has the higher id, it answers the other without ringing. As soon as its
 * RING was answered 200, it hangs up its own with the reason glare. A client that
 * does not know the id of its own call yet waits for it."
 */
inline glare(c, d)
{
	if
	:: out[d] == ASKING ->
#ifndef WRONG_HASTY
		in[d] = HELD;
		theirs[d] = c
#else
		gives_way[d] = true;
		wants[d] = true;
		take(c, d)
#endif
	:: out[d] == DIALLED && mine[d] < c ->
		if
		:: in[d] == HELD -> forget_theirs(d)
		:: else
		fi
	:: else ->
#ifdef WRONG_BOTH_STAY
		if
		:: in[d] == HELD -> forget_theirs(d)
		:: else
		fi
#else
#ifdef WRONG_BLIND
		hang_up(mine[d], d);
		forget_mine(d);
#endif
		wants[d] = true;
		take(c, d)
#endif
	fi
}

/* The other call is there: leave our own for it, unless that was answered. */
inline give_way(c, d)
{
	if
	:: out[d] == DIALLED ->
		hang_up(mine[d], d);
		forget_mine(d)
	:: out[d] == TALKING ->
		forget_theirs(d);
		ask(c, d, BUSY, B_BUSY)
	:: else
	fi
}

inline woken(c, d)
{
	if
	:: seen[LEG(c, d)]
	:: else ->
		seen[LEG(c, d)] = true;
		if
		:: out[d] == FREE && in[d] == FREE || out[d] == PAUSE ->
			wants[d] = expects[d] || out[d] == PAUSE;
			out[d] = FREE;
			expects[d] = false;
			display(c, d)
		:: (out[d] == ASKING || out[d] == DIALLED) && in[d] == FREE ->
			glare(c, d)
		/* rp-signal: "takes the next call of the same caller in its place" */
		:: is_lost[d] ->
#ifndef WRONG_KEEPS_LOST
			forget_theirs(d);
			wants[d] = true;
			take(c, d)
#else
			ask(c, d, BUSY, B_BUSY)
#endif
		:: else -> ask(c, d, BUSY, B_BUSY)
		fi
	fi
}

/* rp-signal: "cancel: that call no longer rings" */
inline cancelled(c, d)
{
#ifndef WRONG_FORGETS
	seen[LEG(c, d)] = true;
#endif
	took[LEG(c, d)] = true;
	if
	:: theirs[d] == c && (in[d] == ASKING || in[d] == HELD ||
	    in[d] == SHOWN || in[d] == LEFT || in[d] == RINGING) -> forget_theirs(d)
	:: else
	fi
}

/* The id of our own call has come. */
inline has_begun(c, d)
{
	if
	:: gives_way[d] ->
		gives_way[d] = false;
		out[d] = FREE;
		hang_up(c, d)
	:: else ->
		out[d] = DIALLED;
		mine[d] = c
	fi;
	if
	:: in[d] == HELD && out[d] == DIALLED ->
		c = theirs[d];
		glare(c, d)
	:: in[d] == HELD && out[d] == FREE ->
		c = theirs[d];
		wants[d] = true;
		take(c, d)
	:: else
	fi
}

/* Our own call is over before its end: dial again, at once or after a pause. */
inline over(d, was_busy)
{
	forget_mine(d);
	if
	:: in[d] == FREE && redials[d] < REDIALS &&
	    (!was_busy || redials[d] > 0) ->
		redials[d]++;
		out[d] = PAUSE;
		waits[d] = was_busy
	:: else
	fi
}

/* Its switch says so, and why. If it was for glare, the other one is to come. */
inline ended(c, d)
{
	expects[d] = glared[c];
	if
	:: busied[c] -> over(d, true)
	:: else -> forget_mine(d)
	fi
}

inline has_not_begun(status, d)
{
	gives_way[d] = false;
	out[d] = FREE;
	if
	:: in[d] == HELD ->
		c = theirs[d];
		wants[d] = true;
		take(c, d)
	:: else ->
		if
		/* rp-signal: "expect to be woken" */
		:: status == CONFLICT -> expects[d] = true
		:: else -> over(d, false)
		fi
	fi
}

/* The switch has answered one of our requests. */
inline was_told(c, d, status, request)
{
	if
	:: request == HANGUP -> asks[LEG(c, d)] = asks[LEG(c, d)] & (15 - B_HANGUP)
	:: request == BUSY -> asks[LEG(c, d)] = asks[LEG(c, d)] & (15 - B_BUSY)
	:: request == RESUME && status == OK ->
		/* What was not answered is said again. */
		if
		:: (asks[LEG(c, d)] & B_RING) -> ask(c, d, RING, B_RING)
		:: else
		fi;
		if
		:: (asks[LEG(c, d)] & B_ANSWER) -> ask(c, d, ANSWER, B_ANSWER)
		:: else
		fi
	:: request == RESUME && status == CONFLICT ->
		if
		:: theirs[d] == c && in[d] == ASKING ->
			ask(c, d, RING, B_RING)
		:: else
		fi
	:: theirs[d] == c && request == RING && status == OK ->
		asks[LEG(c, d)] = asks[LEG(c, d)] & (15 - B_RING);
		if
		:: in[d] == ASKING ->
			/* No ring after its end was heard of. */
			assert(!took[LEG(c, d)]);
			in[d] = RINGING;
			give_way(c, d)
		:: else
		fi
	:: theirs[d] == c && request == ANSWER && status == OK ->
		asks[LEG(c, d)] = asks[LEG(c, d)] & (15 - B_ANSWER);
		in[d] = TALKING;
		/* One device has the call. */
		for (other : 0 .. DEVICES - 1) {
			assert(other == d || in[other] != TALKING ||
			    theirs[other] != c)
		}
	:: else ->
		if
		:: theirs[d] == c && (status == GONE || status == CONFLICT) ->
			took[LEG(c, d)] = true;
			forget_theirs(d)
		:: theirs[d] != c && mine[d] == c && status == GONE ->
			ended(c, d)
		:: else
		fi
	fi
}

inline heard(c, d, what)
{
	assert(nfull(up[LEG(c, d)]));
	up[LEG(c, d)]!OK, what;
	if
	:: mine[d] == c && what == ANSWER && out[d] == DIALLED ->
		out[d] = TALKING
	:: mine[d] == c && (what == HANGUP || what == BUSY) -> ended(c, d)
	:: theirs[d] == c && what == HANGUP ->
		took[LEG(c, d)] = true;
		forget_theirs(d)
	:: else
	fi
}

/*
 * A connection for what has to be said. A switch that is dead, and one that began
 * after it, know nothing of the call: then the caller dials again.
 */
inline link(c, d)
{
	if
	:: alive[home[c]] ->
		linked[LEG(c, d)] = true;
		if
		:: (asks[LEG(c, d)] & B_HANGUP) -> up[LEG(c, d)]!HANGUP, OK
		:: else ->
			if
			:: (asks[LEG(c, d)] & B_BUSY) -> up[LEG(c, d)]!BUSY, OK
			:: else ->
				if
				:: (asks[LEG(c, d)] & B_RING) &&
				    !was_linked[LEG(c, d)] ->
					up[LEG(c, d)]!RING, OK
				:: else -> up[LEG(c, d)]!RESUME, OK
				fi
			fi
		fi;
		was_linked[LEG(c, d)] = true
	:: else ->
		asks[LEG(c, d)] = asks[LEG(c, d)] & (15 - B_HANGUP);
		asks[LEG(c, d)] = asks[LEG(c, d)] & (15 - B_BUSY);
		if
		:: mine[d] == c -> over(d, false)
		:: theirs[d] == c && (in[d] == TALKING || in[d] == ANSWERING) ->
			is_lost[d] = true;
			in[d] = TALKING
		:: theirs[d] == c && in[d] != TALKING && in[d] != ANSWERING ->
			forget_theirs(d)
		:: else
		fi
	fi
}

#define SAYS(c) (home[c] != NOBODY && !linked[LEG(c, d)] && \
    (asks[LEG(c, d)] & (B_HANGUP | B_BUSY) || mine[d] == c || \
    theirs[d] == c && in[d] != HELD && in[d] != SHOWN && \
    in[d] != LEFT && !is_lost[d]))
/* The answer to INITIATE is the first on its connection. */
#define HEARS(c) (nempty(down[LEG(c, d)]) && \
    (caller[c] != d || empty(begun[d])))
/* Pushes that meet a call of ours wait for its id. */
#define IS_WOKEN(c) (push[d]??[CALL, c] && in[d] != HELD)
#define IS_CANCELLED(c) (push[d]??[CANCEL, c])

inline dial(d)
{
	out[d] = ASKING;
	if
	:: alive[0] && (HOMES < 3 || d == 0 || !alive[1]) -> door[0]!d
	:: alive[1] && (HOMES == 2 || HOMES == 3 && d > 0 || !alive[0]) ->
		door[1]!d
	fi
}

#ifdef LATER
#define IS_OVER(c) (state[c] == ENDED)
#define MAY_DIAL(d) (d > 0 || IS_OVER(0) || IS_OVER(1))
#else
#define MAY_DIAL(d) true
#endif

proctype Device(byte d)
{
	byte c, other;
	mtype what, about;

end:	do
	/* The system. */
	:: atomic { begun[d]?what, c ->
		if
		:: what == OK -> has_begun(c, d)
		:: else -> has_not_begun(what, d)
		fi;
		c = 0; what = 0 }
	:: atomic {
		if
		EACH(IS_WOKEN, skip)
		fi;
		push[d]??CALL, eval(c);
		woken(c, d);
		c = 0 }
	:: atomic {
		if
		EACH(IS_CANCELLED, skip)
		fi;
		push[d]??CANCEL, eval(c);
		cancelled(c, d);
		c = 0 }
	:: atomic {
		if
		EACH(HEARS, skip)
		fi;
		down[LEG(c, d)]?what, about;
		if
		:: what == OK && about == OK -> skip
		:: (what == OK || what == CONFLICT || what == GONE) ->
			was_told(c, d, what, about)
		:: else -> heard(c, d, what)
		fi;
		c = 0; what = 0; about = 0; other = 0 }
	:: atomic {
		if
		EACH(SAYS, skip)
		fi;
		link(c, d);
		c = 0 }
	:: atomic { out[d] == PAUSE && (!waits[d] || timeout) ->
		waits[d] = false;
		dial(d) }
	/* Nobody came in place of a call that is lost. */
	:: atomic { is_lost[d] && timeout && NO_PAUSE -> forget_theirs(d) }
	/* Its user. */
	:: atomic { HAS(DIALS, d) && !dialled[d] && out[d] == FREE &&
	    in[d] == FREE && !expects[d] && MAY_DIAL(d) ->
		dialled[d] = true;
		dial(d) }
	:: atomic { in[d] == SHOWN -> take(theirs[d], d) }
	/* rp-signal: "expiry: the time after which nobody waits" */
	:: atomic { in[d] == LEFT && lost > 0 && timeout -> forget_theirs(d) }
	:: atomic { in[d] == RINGING ->
		in[d] = ANSWERING;
		ask(theirs[d], d, ANSWER, B_ANSWER) }
	:: atomic { HAS(DECLINES, d) && in[d] == RINGING && !wants[d] ->
		hang_up(theirs[d], d);
		forget_theirs(d) }
	:: atomic { HAS(CANCELS, d) && out[d] == ASKING && !gives_way[d] ->
		gives_way[d] = true }
	:: atomic { HAS(CANCELS, d) && out[d] == DIALLED ->
		hang_up(mine[d], d);
		forget_mine(d) }
	:: atomic { HAS(HANGUPS, d) && out[d] == TALKING ->
		hang_up(mine[d], d);
		forget_mine(d) }
	:: atomic { HAS(HANGUPS, d) && in[d] == TALKING && !is_lost[d] ->
		hang_up(theirs[d], d);
		forget_theirs(d) }
	od
}

/* Connections break while nobody says so. */
#define BREAKS_AT(c, d) (d < DEVICES && breaks < BREAKS && linked[LEG(c, d)])
#define BREAKS0(c) BREAKS_AT(c, 0)
#define BREAKS1(c) BREAKS_AT(c, 1)
#define BREAKS2(c) (DEVICES > 2 && BREAKS_AT(c, (DEVICES - 1)))

proctype Network()
{
	byte c, d;

end:	do
	:: atomic {
		if
		EACH(BREAKS0, d = 0)
		EACH(BREAKS1, d = 1)
		EACH(BREAKS2, d = 2)
		fi;
		breaks++;
		cut(c, d);
		c = 0; d = 0 }
	od
}

/*
 * In the end, when nothing else can happen: nobody waits, nothing rings, and who
 * talks does so with one other who talks in the same call.
 */
inline judge(d)
{
	assert(out[d] == FREE || out[d] == TALKING);
	assert(in[d] == FREE || in[d] == TALKING);
	assert(in[d] == FREE || out[d] == FREE);
	if
	:: out[d] == TALKING ->
		c = mine[d];
		assert(state[c] == ANSWERED && caller[c] == d);
		assert(in[winner[c]] == TALKING && theirs[winner[c]] == c)
	:: in[d] == TALKING ->
		c = theirs[d];
		assert(state[c] == ANSWERED && winner[c] == d);
		assert(out[caller[c]] == TALKING && mine[caller[c]] == c)
	:: else
	fi
}

#define ENDS(c) (home[c] == NOBODY || !alive[home[c]] || \
    state[c] == ANSWERED || state[c] == ENDED)
#if CALLS == 1
#define CALM (ENDS(0) && NONE_LOST)
#elif CALLS == 2
#define CALM (ENDS(0) && ENDS(1) && NONE_LOST)
#elif CALLS == 3
#define CALM (ENDS(0) && ENDS(1) && ENDS(2) && NONE_LOST)
#else
#define CALM (ENDS(0) && ENDS(1) && ENDS(2) && ENDS(3) && NONE_LOST)
#endif
#define NONE_LOST (!is_lost[0] && !is_lost[1] && !is_lost[LAST] && \
    NO_PAUSE && (lost == 0 || in[1] != LEFT && in[LAST] != LEFT))

proctype Judge()
{
	byte c, d;

	atomic { timeout && CALM ->
		for (d : 0 .. DEVICES - 1) {
			judge(d)
		};
		assert(!HAS(MUST, 0) || TALKS(0));
		assert(!HAS(MUST, 1) || TALKS(1));
		c = 0;
		d = 0
	}
}

init {
	atomic {
		run Switch(0);
		run Switch(1);
		run Device(0);
		run Device(1);
#if DEVICES > 2
		run Device(2);
#endif
#if BREAKS
		run Network();
#endif
		run Judge()
	}
}
