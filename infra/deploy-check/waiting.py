"""A full contract: two people wait for a seat, the order changes, and the schedule passes the seats of a higher limit on."""

from api import Api
from say import Failure
from stack import Stack

BUSY = "busy"
PEOPLE = "/v1/scopes/{scope}/collaborators"
WAITING_LIST = "/v1/scopes/{scope}/waiting-list"


def run(api: Api, platform: str, stack: Stack) -> None:
    """Creates a client of its own, whose seats are all taken in the end."""
    here = {"token": platform, "scope": BUSY}
    client = {"name": "Busy", "seatLimit": 1, "granting": "administrators", "owner": {"email": "owner@busy.test"}}
    api.call("PUT /v1/scopes/{scope}", 201, **here, body=client)
    ids = []
    for place in (1, 2):
        person = {"email": f"person{place}@busy.test", "role": "reader", "ifFull": "wait"}
        _, read = api.call(f"POST {PEOPLE}", 202, **here, body=person)
        if (read["status"], read["position"]) != ("waiting", place):
            raise Failure(f"the person who waits is {read}")
        ids.append(read["id"])
    version = api.call(f"GET {WAITING_LIST}", 200, **here)[0]["etag"]
    turned = {"ids": ids[::-1]}
    _, read = api.call(f"PUT {WAITING_LIST}", 200, **here, if_match=version, body=turned)
    if [person["id"] for person in read["waiting"]] != turned["ids"]:
        raise Failure(f"the order is {read}")
    api.call(f"PUT {WAITING_LIST}", 412, code="stale-version", **here, if_match=version, body=turned)
    api.call("PUT /v1/scopes/{scope}", 200, **here, body={**client, "seatLimit": 2})
    stack.run_schedules()
    _, read = api.call(f"GET {PEOPLE}/{{id}}", 200, **here, id=ids[1])
    if read["status"] != "pending":
        raise Failure(f"the schedule passed no seat on: {read}")
    # The seat that one person releases goes to the next in the same transaction.
    api.call("POST /v1/scopes/{scope}/revocations", 200, **here, body={"ids": [ids[1]]})
    _, read = api.call(f"GET {PEOPLE}/{{id}}", 200, **here, id=ids[0])
    if read["status"] != "pending":
        raise Failure(f"the revocation passed no seat on: {read}")
