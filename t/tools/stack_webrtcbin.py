# stack_webrtcbin: the end of a call by GStreamer's webrtcbin, the other being
# rp-dial. See stackline.py for its arguments, and t/513-webrtcbin.t.
#
# It prints {"restarted", "state"} as JSON. With --missing alone, it only fails
# where something is missing.
"""A call by webrtcbin that restarts ICE once, says a file and records."""
import json
import os
import queue
import re
import sys
import threading
import time
import urllib.parse

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("Nice", "0.1")
from gi.repository import Gst, GstSdp, GstWebRTC, Nice  # noqa: E402,F401

import stackline  # noqa: E402

MOUTH = ("appsrc name=mouth is-live=true format=time "
         "caps=audio/x-raw,format=S16LE,rate=48000,channels=1,"
         "layout=interleaved ! opusenc ! rtpopuspay ! "
         "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,"
         "clock-rate=48000,encoding-params=(string)2 ! "
         "webrtcbin name=rtc bundle-policy=max-bundle "
         "ice-transport-policy=relay")
EAR = ("rtpopusdepay ! opusdec ! audioconvert ! audioresample ! appsink "
       "name=ear sync=false emit-signals=true caps=audio/x-raw,"
       "format=S16LE,rate=48000,channels=1,layout=interleaved")


def turn_server(session):
    """The first of its servers, as webrtcbin wants it."""
    server = session.servers()[0]
    urls = server["urls"]
    where = (urls if isinstance(urls, str) else urls[0]).partition(":")[2]
    who = ":".join(urllib.parse.quote(server[one], safe="")
                   for one in ("username", "credential"))
    return f"turn://{who}@{where}"


class Call:
    """One call. Everything is done by the main thread, in order; what the
    switch and webrtcbin say comes to it by a queue."""

    def __init__(self, options):
        self.events = queue.Queue()
        self.speech = stackline.Speech(options.speech)
        self.heard = stackline.Heard()
        self.kept = []
        self.answers = 0
        self.talking = False
        self.session = stackline.Session(
            options, lambda *said: self.events.put(("said", *said)))
        self.pipeline = Gst.parse_launch(MOUTH)
        self.rtc = self.pipeline.get_by_name("rtc")
        # Held for good, because webrtcbin's own reference is a floating one.
        self.ice = self.rtc.get_property("ice-agent")
        self.agent = self.ice.get_property("agent")
        self.rtc.set_property("turn-server", turn_server(self.session))
        self.rtc.connect("on-ice-candidate", lambda _, index, candidate:
                         self.events.put(("found", index, candidate)))
        self.rtc.connect("pad-added", self.on_pad)

    def on_pad(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        ear = Gst.parse_bin_from_description(EAR, True)
        ear.get_by_name("ear").connect("new-sample", self.on_sample)
        self.pipeline.add(ear)
        pad.link(ear.get_static_pad("sink"))
        ear.sync_state_with_parent()

    def on_sample(self, ear):
        sample = ear.emit("pull-sample").get_buffer()
        self.heard.add(sample.extract_dup(0, sample.get_size()), 1)
        return Gst.FlowReturn.OK

    def say(self):
        """In real time, in a thread of its own."""
        mouth = self.pipeline.get_by_name("mouth")
        begun, frames = time.monotonic(), 0
        since = self.pipeline.get_current_running_time()
        while True:
            time.sleep(max(0, begun + frames * 0.02 - time.monotonic()))
            buffer = Gst.Buffer.new_wrapped(self.speech.frame())
            buffer.pts = since + frames * 20 * Gst.MSECOND
            buffer.duration = 20 * Gst.MSECOND
            mouth.emit("push-buffer", buffer)
            frames += 1

    def begin(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        if self.session.calls:
            self.session.ask("INFO", self.describe("offer"))
            return
        self.take_description("offer", self.session.said["offer"])
        self.session.ask("RING", self.describe("answer"))
        self.session.ask("ANSWER")
        self.talking = True

    def promised(self, signal, *what):
        promise = Gst.Promise.new()
        self.rtc.emit(signal, *what, promise)
        promise.wait()
        reply = promise.get_reply()
        self.kept.append((promise, reply))  # what is taken out is theirs
        return reply

    def describe(self, kind, changed=lambda text: text):
        made = self.promised(f"create-{kind}", None).get_value(kind)
        text = changed(made.sdp.as_text())
        self.set_description("local", kind, text)
        return text

    def take_description(self, kind, text):
        self.set_description("remote", kind, text)
        self.answers += kind == "answer"

    def set_description(self, side, kind, text):
        _, sdp = GstSdp.SDPMessage.new_from_text(text)
        self.promised(f"set-{side}-description",
                      GstWebRTC.WebRTCSessionDescription.new(
                          GstWebRTC.WebRTCSDPType.OFFER if kind == "offer"
                          else GstWebRTC.WebRTCSDPType.ANSWER, sdp))

    def description(self, side):
        return self.rtc.get_property(
            f"{side}-description").sdp.as_text()

    def take(self, event, *what):
        if event == "found":
            index, candidate = what
            self.session.candidate(self.description("local"), index,
                                   candidate)
            return
        method, content, body = what
        if method == "RING" and body:
            self.take_description("answer", body)
        elif method == "ANSWER":
            self.talking = True
        elif method == "INFO" and content == stackline.FRAGMENT:
            for candidate in stackline.candidates(body):
                self.rtc.emit("add-ice-candidate", 0, candidate)
        elif method == "INFO":
            self.take_description("answer", body)

    def until(self, what, condition):
        end = time.monotonic() + stackline.PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(f"never {what}")
            try:
                self.take(*self.events.get(timeout=0.02))
            except queue.Empty:
                pass

    def state(self):
        return self.rtc.get_property("connection-state").value_nick

    def restart(self):
        """webrtcbin has no ICE restart. libnice below has one, whose
        credentials are put into the offer."""
        self.session.resume()
        self.agent.restart_stream(1)
        _, ufrag, password = self.agent.get_local_credentials(1)
        answers = self.answers
        self.session.ask("INFO", self.describe("offer", lambda text: re.sub(
            r"(a=ice-pwd:)\S+", r"\g<1>" + password, re.sub(
                r"(a=ice-ufrag:)\S+", r"\g<1>" + ufrag, text))))
        self.until("answered", lambda: self.answers > answers)


def run(options):
    call = Call(options)
    call.begin()
    call.until("connected", lambda: call.talking and
               call.state() == "connected")
    # What is said before that waits, and comes late in one lump.
    threading.Thread(target=call.say, daemon=True).start()
    call.heard.begin()
    before = stackline.ufrag(call.description("local"))
    call.restart()
    call.speech.begin()
    end = time.monotonic() + options.seconds
    call.until("said", lambda: time.monotonic() > end)
    print(json.dumps({
        "restarted": stackline.ufrag(call.description("local")) != before,
        "state": call.state()}))
    call.heard.write(options.heard)
    call.session.ask("HANGUP")
    call.session.line.close()


Gst.init(None)
if sys.argv[1:] == ["--missing"]:
    Gst.parse_launch(MOUTH)
    Gst.parse_bin_from_description(EAR, True)
    os._exit(0 if Gst.ElementFactory.find("nicesrc") else 1)
run(stackline.Options())
sys.stdout.flush()
os._exit(0)     # the threads are not waited for
