"""Checks infra/restore: it reverts one client, or all, and nothing else."""

import os
import subprocess
import sys

from build import ROOT
from cloud import Cloud
from say import Failure

# Tables of their own: `deliver` would read the mails in the stack's table.
_LIVE, _RESTORED = "restore-live", "restore-restored"
_CLIENT = "acme"
# A client whose partitions begin alike.
_OTHER = "acme-other"


def check(cloud: Cloud) -> None:
    """Fills two tables, the second as it was before the first was damaged, and reverts one client, then all."""
    dynamodb, live = cloud.client("dynamodb"), _LIVE
    keys = {"pk": "HASH", "sk": "RANGE"}
    for table in (_LIVE, _RESTORED):
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    for client in (_CLIENT, _OTHER):
        for item in _items(client, "before"):
            dynamodb.put_item(TableName=live, Item=item)
    before = _read(dynamodb, live)
    for item in before.values():
        dynamodb.put_item(TableName=_RESTORED, Item=item)
    for client in (_CLIENT, _OTHER):
        for item in _items(client, "after"):
            dynamodb.put_item(TableName=live, Item=item)
        _delete(dynamodb, live, f"C#{client}", "P#lost")
    damaged = _read(dynamodb, live)

    _run(cloud, "--client", _CLIENT)
    _same("without --write, the table", _read(dynamodb, live), damaged)
    _run(cloud, "--client", _CLIENT, "--write")
    found = _read(dynamodb, live)
    _same("the other client", _of(found, _OTHER), _of(damaged, _OTHER))
    # Its history is kept, its queued mails are removed, and its saved responses stay.
    kept = {key for key in _of(damaged, _CLIENT) if key[0][0] in "HI"}
    lost = {key for key in _of(before, _CLIENT) if key[0][0] in "OI"}
    expected = {key: item for key, item in _of(before, _CLIENT).items() if key not in lost}
    expected |= {key: damaged[key] for key in kept}
    _same("the client", _of(found, _CLIENT), expected)

    _run(cloud, "--client", _CLIENT, "--write", "--saved-responses")
    found = _read(dynamodb, live)
    _same("the other client", _of(found, _OTHER), _of(damaged, _OTHER))
    rest = {key: item for key, item in expected.items() if key[0][0] != "I"}
    _same("the client without its saved responses", _of(found, _CLIENT), rest)
    _run(cloud, "--write")
    everything = {key: item for key, item in before.items() if key[0][0] not in "OI"}
    everything |= {key: item for key, item in damaged.items() if key[0][0] == "H"}
    _same("the table", _read(dynamodb, live), everything)


def _items(client: str, when: str) -> list[dict]:
    """An item of each kind: some are changed, some are new, and `P#lost` is deleted later."""
    new = {"before": "old", "after": "new"}[when]
    owner = {"collaborator": {"M": {"id": {"S": "gone"}}}}
    kinds = [
        (f"C#{client}", "S#changed", {}),
        (f"C#{client}", f"P#{new}", {}),
        (f"H#{client}", f"entry-{new}", owner),
        (f"H#{client}", "entry-rewritten", owner),
        (f"A#{client}", f"2027-01-0{len(new)}", {}),
        (f"O#{len(client)}", f"{client}-{new}", {"client": {"S": client}}),
        # Of a collaborator who has no record any more.
        (f"M#{client}#gone", "#", {}),
        (f"M#{client}#{new}", "#", {}),
        (f"I#{client}#{new}", "#", {}),
    ]
    if when == "before":
        kinds.append((f"C#{client}", "P#lost", {}))
    return [{"pk": {"S": pk}, "sk": {"S": sk}, "when": {"S": when}, **more} for pk, sk, more in kinds]


def _read(dynamodb, table: str) -> dict[tuple[str, str], dict]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}


def _of(items: dict, client: str) -> dict:
    """The items of a client."""
    return {
        key: item
        for key, item in items.items()
        if item.get("client", {}).get("S") == client or (key[0][0] != "O" and key[0].split("#")[1] == client)
    }


def _delete(dynamodb, table: str, pk: str, sk: str) -> None:
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})


def _run(cloud: Cloud, *options: str) -> None:
    command = [sys.executable, str(ROOT / "infra" / "restore"), _RESTORED, _LIVE, "--writes-a-second", "1000", *options]
    command += ["--restored-endpoint", cloud.endpoint, "--live-endpoint", cloud.endpoint]
    environment = {**os.environ, **cloud.credentials(), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"infra/restore failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")


def _same(what: str, found: dict, expected: dict) -> None:
    wrong = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
    if wrong:
        raise Failure(f"infra/restore: {what} is wrong at {', '.join('/'.join(key) for key in wrong[:5])}")
