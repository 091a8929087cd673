"""HTTP requests, both to prepare a measurement and to be measured."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from say import Failure, say

_T = TypeVar("_T")
_R = TypeVar("_R")

# The number of threads that prepare.
_WORKERS = 8

# The number of times that a request of the preparation is sent while the answer is 503, and the first pause, in seconds.
_ATTEMPTS = 6
_PAUSE = 0.2


@dataclass(frozen=True)
class Request:
    """A request."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The request as the generator reads it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Work:
    """Requests of one kind, with the expected status and a text that each response must contain."""

    requests: list[Request]
    status: int
    contains: str
    # The number of checks in a request.
    each: int = 1


def with_body(method: str, path: str, headers: dict[str, str], body: object) -> Request:
    """A request with a JSON body."""
    return Request(method, path, {**headers, "content-type": "application/json"}, json.dumps(body))


class Client:
    """Sends requests to one server, over one connection per thread."""

    def __init__(self, base: str) -> None:
        """A client of the server at `base`."""
        self.base = base
        self._host = urlsplit(base).netloc
        self._local = threading.local()

    def send(self, request: Request) -> tuple[http.client.HTTPResponse, Any]:
        """Sends a request, which must succeed, and returns the response and its body.

        A server that is busy answers 503, and is asked again.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            response, text = self._once(request)
            if response.status < 300:
                return response, json.loads(text or b"null")
            said = f"{request.method} {request.path} returned {response.status}: {text[:300]!r}"
            if response.status != http.HTTPStatus.SERVICE_UNAVAILABLE or attempt == _ATTEMPTS:
                break
            say(f"{said}, sent again")
            time.sleep(_PAUSE * 2 ** (attempt - 1))
        raise Failure(said)

    def _once(self, request: Request) -> tuple[http.client.HTTPResponse, bytes]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request(request.method, request.path, request.body, request.headers)
        response = connection.getresponse()
        return response, response.read()

    def all(self, requests: Sequence[Request]) -> list[tuple[http.client.HTTPResponse, Any]]:
        """Sends all requests, some at a time."""
        return side_by_side(self.send, requests)

    def at_once(self, requests: Sequence[Request]) -> list[int]:
        """Sends all requests at the same moment, over connections opened before, and returns the statuses."""
        ready = threading.Barrier(len(requests))

        def one(request: Request) -> int:
            connection = http.client.HTTPConnection(self._host, timeout=60)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.wait()
            connection.request(request.method, request.path, request.body, request.headers)
            response = connection.getresponse()
            response.read()
            connection.close()
            return response.status

        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(one, requests))


def side_by_side(call: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    """Calls a function for all items, some at a time, and returns the results in order."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(call, items))
