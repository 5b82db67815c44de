"""A stranger: holds connections whose requests are never finished, and opens each again that is closed. A program.

    python -m tests.half_open PORT CONNECTIONS SECONDS

Says `holding` once all were opened, and at the end how many it has opened. At most 1,000 are opened again in a second.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time

REQUESTS = (
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Half: ",
    b"GET /livez HTTP",
    b"",
    b"POST /livez HTTP/1.1\r\nHost: x\r\n",
)
_AGAIN_PER_SECOND = 1000


async def hold(port: int, connections: int, seconds: float) -> int:
    """Hold them for so long; how many were opened in all."""
    end, opened, first = time.monotonic() + seconds, 0, asyncio.Event()
    pause = connections / _AGAIN_PER_SECOND

    async def one(number: int) -> None:
        nonlocal opened
        while time.monotonic() < end:
            writer = None
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                opened += 1
                if opened == connections:
                    first.set()
                    print("holding", flush=True)
                writer.write(REQUESTS[number % len(REQUESTS)])
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    await reader.read()
            except (OSError, TimeoutError):
                pass
            finally:
                if writer:
                    writer.close()
            await asyncio.sleep(pause)

    await asyncio.gather(*map(one, range(connections)))
    return opened


if __name__ == "__main__":
    port, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, connections + 100) if hard > 0 else connections + 100, hard))
    print(asyncio.run(hold(port, connections, seconds)), flush=True)
