# stackline: what the ends of calls in Python, stack_*.py, have in common. It
# has the signalling connection, which is a child process sigtalk, and sound.
"""One end of a call: its arguments, its connection, what it says and hears."""
import array
import audioop
import json
import queue
import re
import subprocess
import sys
import threading
import time
import wave

FRAGMENT = "application/trickle-ice-sdpfrag"
RATE = 48000
FRAME = RATE // 50      # samples in a packet of 20 ms
PATIENCE_S = 120        # a busy machine may need it; nothing else ends by it


def escaped(text):
    return re.sub(r"[\\\r\n]", lambda one: {"\\": "\\\\", "\r": "\\r",
                  "\n": "\\n"}[one.group()], text)


def unescaped(text):
    return re.sub(r"\\(.)", lambda one: {"r": "\r", "n": "\n"}.get(
        one.group(1), one.group(1)), text)


class Line:
    """Requests in both directions. Those of the switch go to heard(method,
    type, body), from a thread of the line's own."""

    def __init__(self, address, ca, number, token, heard):
        self.responses = queue.Queue()
        self.heard = heard
        self.asking = threading.Lock()
        self.child = subprocess.Popen(
            ["sigtalk", "-a", address, "-c", ca, "-u", f"{number}:{token}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8")
        if self.child.stdout.readline() != "ready\n":
            raise RuntimeError("no connection to the switch")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            kind, _, rest = line[:-1].partition(" ")
            if kind == "response":
                status, reason, _, body = rest.split(" ", 3)
                self.responses.put((int(status), reason, unescaped(body)))
            elif kind == "request":
                method, _, _, content, body = rest.split(" ", 4)
                self.heard(method, content, unescaped(body))
        self.responses.put((0, "closed", ""))

    def ask(self, method, target, body=None, content="application/sdp"):
        """The body of the answer, which has to be a success."""
        text = f"{method} {target}"
        if body is not None:
            text += f" type={content} sdp={escaped(body)}"
        with self.asking:
            self.child.stdin.write(text + "\n")
            self.child.stdin.flush()
            status, reason, answer = self.responses.get(timeout=PATIENCE_S)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method}: {status} {reason}")
        return answer

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def woken():
    """The session of the push that t/signal.sh's pusher keeps."""
    with open("waiting", "w", encoding="utf-8"):
        pass
    for _ in range(PATIENCE_S * 50):
        with open("pushes", encoding="utf-8") as pushes:
            lines = pushes.read().splitlines()
        if lines:
            return json.loads(lines[-1])["payload"]["sessionId"]
        time.sleep(0.02)
    raise RuntimeError("nobody called")


class Session:
    """A call's session at the switch, from its beginning. `number` calls
    `callee`, or answers who calls it if that is empty."""

    def __init__(self, options, heard):
        self.line = Line(options.address, options.ca, options.number,
                         options.token, heard)
        self.calls = options.callee != ""
        self.said = self._begin(options.callee)
        self.target = f"/session/{self.said['sessionId']}"

    def _begin(self, callee):
        # Servers first: the offer follows (rp-signal(7), A late offer).
        if callee:
            return json.loads(self.line.ask("INITIATE", f"/session/{callee}"))
        return json.loads(self.line.ask("RING", f"/session/{woken()}"))

    def servers(self):
        return self.said["iceServers"]

    def ask(self, method, body=None, content="application/sdp"):
        return self.line.ask(method, self.target, body, content)

    def resume(self):
        """RESUME for fresh credentials, which a restart uses."""
        self.said = {**self.said, **json.loads(self.ask("RESUME"))}

    def candidate(self, description, mid, candidate):
        """Tell one, with the credentials of its description."""
        ice = re.findall(r"^a=ice-(?:ufrag|pwd):.*$", description, re.M)[:2]
        self.ask("INFO", "\r\n".join(
            [one.rstrip("\r") for one in ice] + ["m=audio 9 RTP/AVP 0",
            f"a=mid:{mid}", f"a={candidate}", ""]), FRAGMENT)


def candidates(fragment):
    return re.findall(r"^a=(candidate:[^\r\n]*)", fragment, re.M)


def ufrag(description):
    return re.search(r"^a=ice-ufrag:(\S*)", description, re.M).group(1)


def password(description):
    return re.search(r"^a=ice-pwd:(\S*)", description, re.M).group(1)


def opus(description):
    return re.search(r"^a=rtpmap:(\d+) opus/", description, re.M).group(1)


class Speech:
    """Silence, and the file from begin() on, in frames of 20 ms, mono."""

    def __init__(self, path):
        with wave.open(path) as file:
            data = file.readframes(file.getnframes())
            data, _ = audioop.ratecv(data, file.getsampwidth(), 1,
                                     file.getframerate(), RATE, None)
        self.data = data
        self.at = None

    def begin(self):
        self.at = 0

    def frame(self):
        if self.at is None:
            return bytes(2 * FRAME)
        piece = self.data[self.at:self.at + 2 * FRAME]
        self.at += 2 * FRAME
        return piece.ljust(2 * FRAME, b"\0")


class Heard:
    """What is heard from begin() on, as raw 16-bit 48 kHz mono."""

    def __init__(self):
        self.samples = array.array("h")
        self.begun = False

    def begin(self):
        self.begun = True

    def add(self, data, channels):
        if not self.begun:
            return
        if channels == 2:
            data = audioop.tomono(data, 2, 0.5, 0.5)
        self.samples.frombytes(data)

    def write(self, path):
        with open(path, "wb") as file:
            self.samples.tofile(file)


class Options:
    """The arguments: ADDRESS CA NUMBER TOKEN callee=[NUMBER]."""

    def __init__(self):
        (self.address, self.ca, self.number, self.token,
         callee) = sys.argv[1:]
        self.callee = callee.partition("=")[2]
        self.speech, self.heard, self.seconds = "stack.wav", "heard.raw", 6
