"""Requests that prepare a measurement, and those that are measured."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from say import Failure

_T = TypeVar("_T")
_R = TypeVar("_R")

# As many as prepare at once.
_WORKERS = 8


@dataclass(frozen=True)
class Request:
    """A request."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What the generator reads."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Work:
    """Requests of one kind, and what a right answer to each of them is: its status, and a text within."""

    requests: list[Request]
    status: int
    contains: str
    # How many questions a request asks.
    each: int = 1


def with_body(method: str, path: str, headers: dict[str, str], body: object) -> Request:
    """A request with a body in JSON."""
    return Request(method, path, {**headers, "content-type": "application/json"}, json.dumps(body))


class Client:
    """Sends requests to one address, over one connection for each thread."""

    def __init__(self, base: str, tries: int = 1) -> None:
        """For the server at `base`; what fails there is sent again, `tries` times in all."""
        self.base = base
        self._tries = tries
        self._place = urlsplit(base).netloc
        self._local = threading.local()

    def send(self, request: Request) -> tuple[http.client.HTTPResponse, Any]:
        """Sends a request, which must succeed, and gives the answer with its body."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(self._place, timeout=60)
        for _ in range(self._tries):
            connection.request(request.method, request.path, request.body, request.headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status < 300:
                break
        else:
            raise Failure(f"{request.method} {request.path} was answered {answer.status}: {text[:300]!r}")
        return answer, json.loads(text or b"null")

    def all(self, requests: Sequence[Request]) -> list[tuple[http.client.HTTPResponse, Any]]:
        """Sends all of them, some at a time."""
        return side_by_side(self.send, requests)

    def at_once(self, requests: Sequence[Request]) -> list[int]:
        """Sends all of them at the same moment, over a connection each that is open before; their statuses."""
        lined_up = threading.Barrier(len(requests))

        def one(request: Request) -> int:
            connection = http.client.HTTPConnection(self._place, timeout=60)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lined_up.wait()
            connection.request(request.method, request.path, request.body, request.headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status

        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(one, requests))


def side_by_side(call: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    """Calls for all of them, some at a time, and gives the results in order."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(call, items))
