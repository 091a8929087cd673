"""A local stack as a process, and requests to it."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Stack:
    """`cargo local` of one checkout, until it is stopped."""

    def __init__(self, folder: Path, table: str | None = None, catalogue: Path | None = None) -> None:
        """Builds and starts the stack; `table` is the address of another stack's table."""
        command = ["cargo", "run", "--quiet", "--bin", "coulisses-local", "--", "--port", "0", "--empty", "--no-console"]
        command += ["--dynamodb", table] if table else []
        environment = {**os.environ, **({"COULISSES_CATALOGUE": str(catalogue)} if catalogue else {})}
        self.log = folder / "target" / "versions.log"
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("w") as written:
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=written, text=True
            )
        self.base = ""
        for line in self._process.stdout or ():
            if line.startswith("ready "):
                self.base = line.removeprefix("ready ").strip()
                break
        else:
            raise SystemExit(f"the stack did not start: see {self.log}")
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> "Stack":
        """The stack itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the stack and its children."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)

    @property
    def table(self) -> str:
        """The address of the stack's table."""
        # The stack writes its addresses just after `ready`.
        for _ in range(100):
            found = re.search(r"^ +table +(\S+) .*\n", self.log.read_text(), re.MULTILINE)
            if found:
                return found[1]
            time.sleep(0.1)
        raise SystemExit(f"no address of a table in {self.log}")

    def token(self, who: str) -> str:
        """A token of a user by their address, or of the platform."""
        if who not in self._tokens:
            claims = {"scope": "coulisses/platform"} if who == "platform" else {"email": who}
            answer = self._send("POST", "/_local/tokens", claims, {})
            self._tokens[who] = next(value for value in answer.values() if value)
        return self._tokens[who]

    def call(self, who: str, method: str, path: str, body: object = None, **headers: str) -> dict:
        """Sends a request and returns the body; a problem has its `code`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send(method, path, body, {"authorization": f"Bearer {self.token(who)}", **named})

    def provision(self, client: str, owner: str, below: dict[str, dict]) -> None:
        """Creates a client with nine seats, and scopes below it; the owner logs in."""
        owner_of_client = {"email": owner, "name": "Olga"}
        body = {"name": client.title(), "seatLimit": 9, "granting": "administrators", "owner": owner_of_client}
        for scope, settings in {client: body, **below}.items():
            self.call("platform", "PUT", f"/v1/scopes/{scope}", settings)
        self.call(owner, "POST", f"/v1/scopes/{client}/logins", {})

    def invite(self, by: str, scope: str, email: str, role: str) -> object:
        """The code of the problem, or the status of the person."""
        answer = self.call(by, "POST", f"/v1/scopes/{scope}/collaborators", {"email": email, "role": role})
        return answer.get("code", answer.get("status"))

    def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> dict:
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **headers} if data else headers
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return {**json.loads(answer.read() or b"{}"), "etag": answer.headers.get("etag")}
        except urllib.error.HTTPError as problem:
            return json.loads(problem.read())


def expect(what: str, found: object, wanted: object) -> None:
    """Fails unless both are equal."""
    if found != wanted:
        raise SystemExit(f"{what}: {found!r} instead of {wanted!r}")
    print(f"ok  {what}", flush=True)
