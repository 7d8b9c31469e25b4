"""A relay that accepts everything: `python -m benchmarks.sink TRANSCRIPT [SECONDS]` prints its port and serves until it is
terminated. Each reply comes so many seconds after its command."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path


class Sink(asyncio.Protocol):
    """One connection. The recipient goes to the transcript before the text is accepted, so that it tells what a crash leaves."""

    def __init__(self, transcript: int, delay: float) -> None:
        self.transcript, self.delay = transcript, delay
        self.buffer = b""
        self.in_text = False
        self.recipient = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def _say(self, reply: bytes) -> None:
        self._do(lambda: self.transport.write(reply))

    def _do(self, act: Callable[[], None]) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, act)
        else:
            act()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._text() if self.in_text else self._command():
            pass

    def _text(self) -> bool:
        end = self.buffer.find(b"\r\n.\r\n")
        if end < 0:
            return False
        self.buffer, self.in_text = self.buffer[end + 5 :], False
        os.write(self.transcript, self.recipient + b"\n")
        self._say(b"250 accepted\r\n")
        return True

    def _command(self) -> bool:
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        self.buffer = rest
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_text = True
            self._say(b"354 go ahead\r\n")
        elif verb == b"EHLO":
            self._say(b"250-sink\r\n250-PIPELINING\r\n250 SIZE 10000000\r\n")
        elif verb == b"QUIT":
            self._say(b"221 bye\r\n")
            self._do(self.transport.close)
        else:
            if verb == b"RCPT":
                self.recipient = line.partition(b"<")[2].partition(b">")[0]
            self._say(b"250 OK\r\n")
        return True


async def main(path: Path, delay: float) -> None:
    transcript = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    server = await asyncio.get_running_loop().create_server(lambda: Sink(transcript, delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]) if sys.argv[2:] else 0.0))
