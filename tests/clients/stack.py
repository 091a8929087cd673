"""What a journey needs of the local stack beside the API: tokens and mails."""

import json
import sys
import time
from urllib.parse import quote
from urllib.request import Request, urlopen

BASE = sys.argv[1]


def _send(path: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(BASE + path, data, {"Content-Type": "application/json"})) as response:
        return json.load(response)


def token(**claims: str) -> str:
    return _send("/_local/tokens", claims)["accessToken"]


def person(email: str) -> str:
    return token(email=email)


def platform() -> str:
    return token(scope="coulisses/platform")


def invitation(email: str) -> str:
    """The token in the link of the first invitation to an address, once it is there."""
    for _ in range(600):
        links = [mail["link"] for mail in _send(f"/_local/mails?to={quote(email)}")["mails"] if mail.get("link")]
        if links:
            return links[0].split("#", 1)[1]
        time.sleep(0.05)
    sys.exit(f"no mail to {email}")
