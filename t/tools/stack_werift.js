// stack_werift: the end of a call by werift, WebRTC in TypeScript, which
// carries RTP and knows no codec. What it says and hears is in captures of
// rtpdecode. See stackline.js for its arguments, and t/515-werift.t.
"use strict";
const fs = require("fs");
const { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters } =
    require("werift");
const stackline = require("./stackline.js");

// What rtpdecode writes and reads: a head, and records of a packet each with
// the headers of Ethernet, IP, UDP, a channel and RTP, and room for a tag.
const PCAP = 24, RECORD = 16, HEADERS = 14 + 20 + 8 + 4, RTP = 12, TAG = 10;
const FRAME_MS = 20, FRAME = 960;
const LOST = 500;		// at most, while a busy machine restarts ICE

// The head of a capture, a packet's headers, and the payloads.
function capture(name) {
	const file = fs.readFileSync(name), payloads = [];
	for (let at = PCAP; at < file.length;) {
		const end = at + RECORD + file.readUInt32LE(at + 8);
		payloads.push(file.subarray(at + RECORD + HEADERS + RTP,
		    end - TAG));
		at = end;
	}
	return { head: file.subarray(0, PCAP), payloads,
	    headers: file.subarray(PCAP + RECORD,
	    PCAP + RECORD + HEADERS + RTP) };
}

class End {
	constructor(configuration) {
		this.said = capture("stack.pcap");
		this.at = 0;
		this.sequence = 0;
		this.heard = new Map();
		this.track = new MediaStreamTrack({ kind: "audio" });
		const opus = new RTCRtpCodecParameters({ clockRate: 48000,
		    mimeType: "audio/opus", channels: 2 });
		this.pc = new RTCPeerConnection({ ...configuration,
		    codecs: { audio: [opus] } });
		this.pc.addTrack(this.track);
		this.pc.onTrack.subscribe((track) =>
		    track.onReceiveRtp.subscribe((rtp) => this.hear(rtp)));
		this.since = performance.now();
		setInterval(() => this.say(), 5);
	}
	// A restart gives the old path up at once, and its states do not tell.
	isConnected() {
		return this.pc.connectionState === "connected" &&
		    this.pc.iceTransports[0].connection.nominated;
	}
	// The speech begins with silence, which is repeated until speak().
	say() {
		const now = performance.now();
		for (; this.since <= now; this.since += FRAME_MS) {
			const payload = this.said.payloads[this.at] ??
			    this.said.payloads[0];
			const rtp = Buffer.alloc(RTP);
			rtp[0] = 0x80;
			rtp[1] = 111;
			rtp.writeUInt16BE(++this.sequence, 2);
			rtp.writeUInt32BE(this.sequence * FRAME, 4);
			rtp.writeUInt32BE(1, 8);
			this.track.writeRtp(Buffer.concat([rtp, payload]));
			this.at += this.speaks ? 1 : 0;
		}
	}
	hear({ header, payload }) {
		if (this.listens)
			this.heard.set(header.sequenceNumber, payload);
	}
	speak() {
		this.speaks = true;
	}
	listen() {
		this.listens = true;
	}
	// In order; silence is in the place of what is missing.
	write() {
		const [first] = this.heard.keys();
		const length = this.heard.size + LOST;
		const records = Array.from({ length }, (_, i) =>
		    this.heard.get((first + i) & 0xffff) ??
		    this.said.payloads[0]).map((one) => this.record(one));
		fs.writeFileSync("heard.pcap", Buffer.concat([this.said.head,
		    ...records]));
	}
	record(payload) {
		const { headers } = this.said;
		const length = headers.length + payload.length + TAG;
		const record = Buffer.alloc(RECORD + length);
		record.writeUInt32LE(length, 8);
		record.writeUInt32LE(length, 12);
		headers.copy(record, RECORD);
		record.writeUInt16BE(RTP + payload.length + TAG,
		    RECORD + HEADERS - 2);
		payload.copy(record, RECORD + headers.length);
		return record;
	}
}

stackline.run((configuration) => new End(configuration));
