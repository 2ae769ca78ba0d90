// How a call sounds here, by the figures of getStats(). The score is rp-dial's:
// the E-model of ITU-T G.107 for the delay from mouth to ear and the share of
// audio that was not heard. A test compares both.

const R_DEFAULT = 93.2;
const LOSS_ROBUSTNESS = 25.1;	// Bpl of G.711 with concealment, G.113
const CODEC_MS = 20 + 6.5;	// a frame of Opus, and its look-ahead
const BUFFER_MS = 40;		// and twice the jitter, where none is reported

// Equation 7-27: nothing up to 100 ms.
function delayImpairment(delayMs) {
	if (delayMs <= 100)
		return 0;
	const x = Math.log2(delayMs / 100);
	return 25 * ((1 + x ** 6) ** (1 / 6) -
	    3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

// The rating R for a one-way delay and the percentage that was not heard.
export function rating(delayMs, lossPct) {
	return R_DEFAULT - delayImpairment(delayMs) -
	    95 * lossPct / (lossPct + LOSS_ROBUSTNESS);
}

// The mean opinion score, 1 to 4.5, for R (G.107 Annex B).
export function opinion(r) {
	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

export function score(bufferMs, rttMs, lossPct) {
	return opinion(rating(rttMs / 2 + bufferMs + CODEC_MS, lossPct));
}

// A browser may leave out any figure.
const number = (value, otherwise = 0) =>
    Number.isFinite(value) ? value : otherwise;

function percent(part, whole) {
	if (!(whole > 0))
		return 0;
	return Math.min(100, Math.max(0, 100 * part / whole));
}

// Older browsers name the kind of media "mediaType".
const isAudio = (one) => (one.kind ?? one.mediaType) === "audio";

// The newest stream that comes in: an earlier one stays listed in some browsers
// when the peer has begun another.
function incoming(all) {
	return all.filter((one) => one.type === "inbound-rtp" && isAudio(one))
	    .sort((a, b) => number(b.lastPacketReceivedTimestamp) -
	    number(a.lastPacketReceivedTimestamp) ||
	    number(b.packetsReceived) - number(a.packetsReceived))[0];
}

// The pair in use. Firefox has no transport report and marks the pair itself.
function pair(all) {
	const ids = all.filter((one) => one.type === "transport")
	    .map((one) => one.selectedCandidatePairId);
	return all.find((one) => one.type === "candidate-pair" &&
	    (ids.includes(one.id) || one.selected));
}

// The round trip in ms, or 0: as the peer's reports show it, or else as STUN's
// checks do. A relayed pair's check goes the whole way, too.
function roundTrip(all) {
	const report = all.find((one) => one.type === "remote-inbound-rtp" &&
	    isAudio(one) && one.roundTripTime > 0);
	return 1000 * (number(report?.roundTripTime) ||
	    number(pair(all)?.currentRoundTripTime));
}

// The figures that count up, out of one report.
function counts(stream) {
	return {
		id: stream.ssrc ?? stream.id,
		received: number(stream.packetsReceived),
		lost: number(stream.packetsLost),
		total: number(stream.totalSamplesReceived, NaN),
		concealed: number(stream.concealedSamples),
		// Silence that is made because nothing came is missing, too;
		// that of a peer who pauses is not told from it.
		delay: number(stream.jitterBufferDelay),
		emitted: number(stream.jitterBufferEmittedCount)
	};
}

// What came between two counts. A stream that replaces another counts anew.
function between(before, now) {
	if (!before || before.id !== now.id || now.received < before.received)
		return now;
	return Object.fromEntries(Object.entries(now).map(([name, value]) =>
	    [name, name === "id" ? value : value - before[name]]));
}

// The last figures of what is heard, sampled as often as it is asked for.
export class Quality {
	constructor(pc) {
		this.pc = pc;
		this.last = { mos: 0, loss: 0, jitter_ms: 0, rtt_ms: 0 };
	}
	// { mos, loss (percent), jitter_ms, rtt_ms }; null before any sound.
	async sample() {
		return this.take([...(await this.pc.getStats()).values()]);
	}
	take(all) {
		const stream = incoming(all);
		if (!stream || !(stream.packetsReceived > 0))
			return null;
		const now = counts(stream);
		const one = between(this.before, now);
		const rttMs = roundTrip(all) || this.last.rtt_ms;
		const jitterMs = 1000 * number(stream.jitter);
		const isNew = one.received + one.lost > 0;
		const loss = isNew ? percent(one.lost, one.received + one.lost) :
		    this.last.loss;
		const bufferMs = one.emitted > 0 ?
		    1000 * one.delay / one.emitted :
		    BUFFER_MS + 2 * jitterMs;
		const unheard = Number.isNaN(one.total) ? loss :
		    percent(one.concealed, one.total);
		// A time in which nothing was due has no score of its own.
		const mos = one.total === 0 && this.before ? this.last.mos :
		    score(bufferMs, rttMs, unheard);
		this.before = now;
		this.last = { mos, loss, jitter_ms: jitterMs, rtt_ms: rttMs };
		return this.last;
	}
}
