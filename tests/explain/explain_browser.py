"""Debian's chromium without a window, spoken to over a pipe (DevTools protocol, one JSON message a NUL)."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import time

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


class Browser:
    """One page; `problems` collects errors of its scripts and console, `requests` addresses asked for."""

    def __init__(self, profile, width=1360, height=1000):
        here_reads, there_writes = os.pipe()
        there_reads, here_writes = os.pipe()
        # Out of the way of 3 and 4, where the browser wants its ends of the pipes.
        reads, writes = (fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in (there_reads, there_writes))

        def wire():
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self._process = subprocess.Popen(
            [
                CHROMIUM,
                *_FLAGS,
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                "about:blank",
            ],
            preexec_fn=wire,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (there_reads, there_writes, reads, writes):
            os.close(end)
        self._in, self._out = here_writes, here_reads
        self._buffer, self._number, self._session = b"", 0, None
        self.problems, self.requests = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.size(width, height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)
        os.close(self._in)
        os.close(self._out)

    def _receive(self):
        while b"\0" not in self._buffer:
            piece = os.read(self._out, 1 << 20)
            if not piece:
                raise RuntimeError("the browser went away")
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(text)

    def _note(self, message):
        method, body = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(
                body["exceptionDetails"].get("exception", {}).get("description", "exception")
            )
        elif method == "Log.entryAdded" and body["entry"]["level"] == "error":
            self.problems.append(body["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and body["type"] in ("error", "assert"):
            self.problems.append(str(body["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(body["request"]["url"])

    def call(self, method, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._in, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]
            self._note(answer)

    def size(self, width, height, *, mobile=False):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=mobile,
        )

    def dark(self, on):
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[feature, still])

    def open(self, path, fragment=""):
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=path.resolve().as_uri() + fragment)
        until = time.monotonic() + 30
        ready = "location.protocol === 'file:' && document.documentElement?.dataset.state || ''"
        while not self.run(ready):
            if time.monotonic() > until:
                raise TimeoutError("the page did not get ready")
            time.sleep(0.05)
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def run(self, code):
        answer = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def point_at(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self, whole=False):
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])
