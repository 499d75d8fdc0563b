"""A TCP line that takes its time: what goes in comes out so much later, both ways, in order."""
import asyncio
import threading

from postgres_cluster import free_port


class SlowLine:
    def __init__(self, port, seconds):
        self.port, self._upstream, self._seconds = free_port(), port, seconds
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", self.port))
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in (tasks := asyncio.all_tasks(self._loop)):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _connected(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        except OSError:
            pass
        finally:
            writer.close()

    async def _pass(self, reader, writer):
        queue = asyncio.Queue()
        sending = asyncio.create_task(self._send(queue, writer))
        try:
            while data := await reader.read(65536):
                queue.put_nowait((self._loop.time() + self._seconds, data))
        except OSError:
            pass
        queue.put_nowait((self._loop.time() + self._seconds, b""))
        await sending

    async def _send(self, queue, writer):
        while True:
            moment, data = await queue.get()
            await asyncio.sleep(max(0, moment - self._loop.time()))
            if not data:
                return writer.close()
            try:
                writer.write(data)
                await writer.drain()
            except OSError:
                pass
