"""`plaudit demo`."""


async def demo() -> None: ...
