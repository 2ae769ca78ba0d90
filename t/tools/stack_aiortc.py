# stack_aiortc: aiortc's end of a call, the other being rp-dial. See
# stackline.py for its arguments, and t/514-aiortc.t.
#
# It prints {"restarted", "state"} as JSON.
"""A call by aiortc that restarts ICE once, says a file and records."""
import asyncio
import fractions
import json
import re

from aiortc import (MediaStreamTrack, RTCConfiguration, RTCIceServer,
                    RTCPeerConnection, RTCSessionDescription)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcicetransport import RTCIceGatherer
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame

import stackline


class Mouth(MediaStreamTrack):
    """Says a Speech in real time."""
    kind = "audio"

    def __init__(self, speech):
        super().__init__()
        self.speech = speech
        self.frames = 0
        self.since = None

    async def recv(self):
        loop = asyncio.get_running_loop()
        if self.since is None:
            self.since = loop.time()
        await asyncio.sleep(self.since + self.frames * 0.02 - loop.time())
        frame = AudioFrame(format="s16", layout="mono",
                           samples=stackline.FRAME)
        frame.planes[0].update(self.speech.frame())
        frame.pts = self.frames * stackline.FRAME
        frame.sample_rate = stackline.RATE
        frame.time_base = fractions.Fraction(1, stackline.RATE)
        self.frames += 1
        return frame


async def listen(track, heard):
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        heard.add(bytes(frame.planes[0])[:2 * frame.samples * len(
            frame.layout.channels)], len(frame.layout.channels))


async def until(what, condition):
    for _ in range(stackline.PATIENCE_S * 50):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise RuntimeError(f"never {what}")


def ice_servers(session):
    return [RTCIceServer(one["urls"], one["username"], one["credential"])
            for one in session.servers()]


class Call:
    """One call. What the switch says is done in order, by take()."""

    def __init__(self, options):
        self.options = options
        self.loop = asyncio.get_running_loop()
        self.requests = asyncio.Queue()
        self.speech = stackline.Speech(options.speech)
        self.heard = stackline.Heard()
        self.answers = 0
        self.talking = self.over = False

    def on_request(self, *request):     # in the line's thread
        self.loop.call_soon_threadsafe(self.requests.put_nowait, request)

    async def ask(self, *what):
        return await asyncio.to_thread(self.session.ask, *what)

    async def open(self):
        self.session = await asyncio.to_thread(
            stackline.Session, self.options, self.on_request)
        self.pc = RTCPeerConnection(RTCConfiguration(
            ice_servers(self.session)))
        self.pc.addTrack(Mouth(self.speech))
        self.pc.on("track", lambda track: asyncio.ensure_future(
            listen(track, self.heard)))
        if self.session.calls:
            await self.offer()
        else:
            await self.answer()
        asyncio.ensure_future(self.take())

    async def offer(self, opus=None):
        offer = await self.pc.createOffer()
        if opus:
            offer.sdp = re.sub(r"\b96\b", opus, offer.sdp)
        await self.pc.setLocalDescription(offer)
        await self.ask("INFO", self.pc.localDescription.sdp)

    async def answer(self):
        await self.describe("offer", self.session.said["offer"])
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        await self.ask("RING", self.pc.localDescription.sdp)
        await self.ask("ANSWER")
        self.talking = True

    async def describe(self, kind, sdp):
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, kind))
        self.answers += kind == "answer"

    async def take(self):
        while not self.over:
            method, content, body = await self.requests.get()
            if method == "RING" and body:
                await self.describe("answer", body)
            elif method == "ANSWER":
                self.talking = True
            elif method == "INFO" and content == stackline.FRAGMENT:
                await self.reach(body)
            elif method == "INFO":
                await self.describe("answer", body)
            elif method in ("BUSY", "HANGUP"):
                self.over = True

    async def reach(self, fragment):
        for text in stackline.candidates(fragment):
            candidate = candidate_from_sdp(text.partition(":")[2])
            candidate.sdpMid = self.pc.getTransceivers()[0].mid
            await self.pc.addIceCandidate(candidate)

    async def restart(self):
        """aiortc has no ICE restart. A new connection of aioice takes the
        place of the old one beneath the same DTLS."""
        await asyncio.to_thread(self.session.resume)
        ice = self.pc.getTransceivers()[0].sender.transport.transport
        old = ice._connection
        gatherer = RTCIceGatherer(ice_servers(self.session))
        new = gatherer._connection
        new.ice_controlling = old.ice_controlling
        ice._RTCIceTransport__iceGatherer = gatherer
        ice._connection = new
        answers = self.answers
        # It would give Opus another number, and not take it for Opus itself.
        await self.offer(opus=stackline.opus(self.pc.remoteDescription.sdp))
        await until("answered", lambda: self.answers > answers)
        remote = self.pc.remoteDescription.sdp
        new.remote_username = stackline.ufrag(remote)
        new.remote_password = stackline.password(remote)
        await new.connect()
        ice._send, ice._recv = new.send, new.recv
        ice._RTCIceTransport__monitor_task.cancel()
        ice._RTCIceTransport__monitor_task = asyncio.ensure_future(
            ice._monitor())
        old.data_received(b"\0", 1)     # DTLS, which waits there, moves
        await old.close()


async def run(options):
    call = Call(options)
    await call.open()
    await until("connected", lambda: call.talking and
                call.pc.connectionState == "connected")
    call.heard.begin()
    before = stackline.ufrag(call.pc.localDescription.sdp)
    await call.restart()
    call.speech.begin()
    await asyncio.sleep(options.seconds)
    after = stackline.ufrag(call.pc.localDescription.sdp)
    print(json.dumps({"restarted": after != before,
                      "state": call.pc.connectionState}))
    call.heard.write(options.heard)
    await call.ask("HANGUP")
    await call.pc.close()
    call.session.line.close()

asyncio.run(run(stackline.Options()))
