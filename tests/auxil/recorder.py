"""An HTTP server that keeps what is posted to it, as services of SMS and push would."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Recorder:
    """What was posted: (path, JSON). `answers`: the next status codes; then 200."""

    port: int = 0
    posted: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )
    answers: list[int] = field(default_factory=list[int])

    def to(self, address: str) -> list[dict[str, Any]]:
        """What was posted for somebody."""
        return [said for path, said in self.posted if path.split("?")[0].strip("/") == address]


@contextmanager
def recording() -> Generator[Recorder]:
    """Serve on a loopback port."""
    kept = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status = kept.answers.pop(0) if kept.answers else 200
            if status == 200:
                kept.posted.append((self.path, json.loads(body)))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
