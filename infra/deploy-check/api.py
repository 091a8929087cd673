"""Calls to the deployed HTTP API that check the response, and the list of routes called."""

from pathlib import Path

import yaml

from build import ROOT
from say import Failure
from stack import Stack

CONTRACT = ROOT / "infra" / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "patch")


def contract(file: Path = CONTRACT) -> dict[str, bool]:
    """The routes of the contract, each with whether it needs a token."""
    document = yaml.load(file.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {
        f"{method.upper()} {path}": operation.get("security", document["security"]) != []
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


class Api:
    """The API of a stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.called: set[str] = set()

    def call(self, route: str, status: int, *, code: str = "", **request: object) -> tuple[dict, object]:
        """Calls a route and returns the headers and the body; `request` is as of `send`.

        Fails unless the response has this status and, for a problem, this code.
        """
        self.called.add(route)
        got, headers, read = self.send(route, **request)
        if got != status or (code and self.code(read) != code):
            expected = f"{status} {code}".strip()
            raise Failure(f"{route} returned {self.summary(got, read)}, not {expected}")
        return headers, read

    def send(
        self,
        route: str,
        *,
        token: str = "",
        body: object = None,
        if_match: str = "",
        if_none_match: str = "",
        query: str = "",
        **path: str,
    ) -> tuple[int, dict, object]:
        """Calls a route and returns the status, the headers and the body."""
        method, _, target = route.partition(" ")
        # The emulator finds the API by its host name.
        headers = {"Host": self._stack.host, "Accept-Language": "en"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        if if_match:
            headers["If-Match"] = if_match
        if if_none_match:
            headers["If-None-Match"] = if_none_match
        return self._stack.cloud.request(method, target.format(**path) + query, headers, body)

    def preflight(self, target: str, origin: str) -> dict:
        """The headers of the response to a CORS preflight request from a page of `origin`."""
        headers = {"Host": self._stack.host, "Origin": origin, "Access-Control-Request-Method": "POST"}
        return self._stack.cloud.request("OPTIONS", target, headers)[1]

    @classmethod
    def summary(cls, status: int, read: object) -> str:
        """A response in short: the status, and the code or the body."""
        return f"{status} {cls.code(read) or read}"

    @staticmethod
    def code(read: object) -> str:
        """The code of a problem; empty if the body is not a problem of this service."""
        return read.get("code", "") if isinstance(read, dict) else ""
