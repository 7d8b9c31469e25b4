"""An event loop that ends or suspends its process at a chosen callback, and forks that run in one.

Every await ends with a callback, so the callbacks from 1 on are all awaits of a path.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any


class DyingLoop(asyncio.SelectorEventLoop):
    """Sends its process the signal at the n-th callback after `countdown` was set to n."""

    countdown = 0
    signal = signal.SIGKILL

    def call_soon(  # type: ignore[override] # typeshed ties the callback to its arguments
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return super().call_soon(self._run, callback, *args, context=context)

    def _run(self, callback: Callable[..., object], *args: Any) -> None:
        if self.countdown:
            self.countdown -= 1
            if not self.countdown:
                os.kill(os.getpid(), self.signal)
        callback(*args)


async def dying(path: Awaitable[object], callback: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Runs the path, and sends this process the signal at this callback of it; 0 sends none."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, DyingLoop)
    loop.signal, loop.countdown = number, callback
    await path
    loop.countdown = 0


def fork(main: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """Runs a coroutine in a forked process, and returns the process's id."""
    child = os.fork()
    if not child:
        with asyncio.Runner(loop_factory=DyingLoop) as runner:
            runner.run(main())
        os._exit(0)
    return child


def fate(child: int) -> str:
    """Waits for a forked process: "killed", "stopped", "ended", or "failed" with an error."""
    _, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return "stopped"
    return "killed" if os.WIFSIGNALED(status) else "ended" if status == 0 else "failed"
