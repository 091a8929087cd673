"""The life of an event: its team is brought over, it is archived, and it leaves the archive."""

from api import Api
from say import Failure

NEXT = "acme:tech:next"


def run(api: Api, platform: str, organiser: str, last: str) -> None:
    """Creates an event after `last`, and leaves it without a team."""
    body = {"name": "Next", "kind": "event", "endsAt": "2099-06-30T18:00:00+02:00", "accessEndsAfterDays": 30}
    _, made = api.call("PUT /v1/scopes/{scope}", 201, token=platform, scope=NEXT, body=body)
    if made["accessEndsAt"] != "2099-07-30T16:00:00.000Z":
        raise Failure(f"access to the event ends at {made['accessEndsAt']}")
    here = {"token": organiser, "scope": NEXT}
    copies = {**here, "body": {"from": last}}
    _, read = api.call("POST /v1/scopes/{scope}/copies", 200, **copies)
    if [each["status"] for each in read["results"]] != [201]:
        raise Failure(f"the copy of the team is {read}")
    member = read["results"][0]["collaborator"]
    headers, _ = api.call("GET /v1/scopes/{scope}", 200, **here)
    headers, read = api.call("POST /v1/scopes/{scope}/archive", 200, **here, if_match=headers["etag"], body={})
    if read["archivedAt"] != read["accessEndsAt"]:
        raise Failure(f"the archived event is {read}")
    invitation = {"email": "late@acme.test", "role": "reader"}
    api.call("POST /v1/scopes/{scope}/collaborators", 409, **here, body=invitation, code="scope-archived")
    api.call("DELETE /v1/scopes/{scope}/archive", 200, **here, if_match=headers["etag"])
    api.call("POST /v1/scopes/{scope}/revocations", 200, **here, body={"ids": [member["id"]]})
