"""Imports the people of a CSV file into a client, as the event platform, without mails.

Columns (headings in French or English, in any order): e-mail and role; optionally name, or first and last name; scope
(acme:tech, or tech; by default the client); permissions (for the role custom); expires; language; iss and sub of the
account, which makes a person active at once; last login. Lines with the same address are one person with several grants.

First shows what the import will do, by a dry run. Then imports in batches of 100. If it is interrupted, run it again:
what is done already changes nothing, and batches without a change are skipped. Lines that fail are written to
FILE.failed.csv with the reason; correct them there and import that file.

The token of the platform is read from the variable COULISSES_TOKEN, or made by `cargo local` with --local. Needs Python
3.11 and: python3 -m pip install -r infra/import/requirements.txt
"""

import argparse
import csv
import itertools
import os
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

try:
    import urllib3
    from tqdm import tqdm
except ImportError as missing:
    sys.exit(f"{missing}: run python3 -m pip install -r infra/import/requirements.txt")

from people import BadFile, People, Person, read

BATCH = 100

# How often an item that is `try-again` is sent again, and how long to wait in seconds.
TRIES, PAUSE = 30, 1

# How many lines that fail are shown before the import.
SHOWN = 10


class Stopped(Exception):
    """The import cannot go on; the message says what to do."""


def main() -> None:
    """Runs the import."""
    options = arguments()
    people = read(options.file, options.client, options.time_zone, options.issuer)
    api = Api(options)
    planned = plan(api, people, options)
    if options.dry_run:
        return
    if planned.batches and not options.yes and not confirmed():
        raise Stopped("nothing was imported; add --yes to import without a question")
    failures = import_all(api, people, planned)
    if failures:
        written = write_failures(people, failures, options.file)
        raise Stopped(f"failed lines: {len(failures):,}. {written} has them with the reason; correct and import that file")


def arguments() -> argparse.Namespace:
    """Parses the command line."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python3 infra/import", description=__doc__, formatter_class=form)
    parser.add_argument("file", type=Path, help="the CSV file")
    parser.add_argument("--client", required=True, help="the client, such as acme")
    parser.add_argument("--url", required=True, help="the URL of the API (output ApiUrl of the stack)")
    parser.add_argument("--dry-run", action="store_true", help="only show what the import would do")
    parser.add_argument("--yes", action="store_true", help="import without a question")
    parser.add_argument("--notify", action="store_true", help="send the usual mails, which count towards their limits")
    parser.add_argument("--pending-days", type=int, default=90, help="how long people without an account may log in")
    parser.add_argument("--issuer", help="the issuer of the accounts, if the file has no column for it")
    parser.add_argument("--time-zone", default="Europe/Paris", help="of times without an offset (default: %(default)s)")
    parser.add_argument("--local", action="store_true", help="take the token from cargo local")
    return parser.parse_args()


def confirmed() -> bool:
    """Asks whether to import, if someone is there to answer."""
    return sys.stdin.isatty() and input("Import them? [y/N] ").strip().lower() in ("y", "yes", "o", "oui")


class Api:
    """The API, as the platform."""

    def __init__(self, options: argparse.Namespace) -> None:
        # A lost connection is repeated under the same key, so nothing is done twice.
        retry = urllib3.Retry(total=5, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504), allowed_methods=None)
        self._http = urllib3.PoolManager(retries=retry, timeout=urllib3.Timeout(connect=5, read=40))
        self._url, self._options = options.url.rstrip("/"), options
        self._token = self._local_token() if options.local else os.environ.get("COULISSES_TOKEN", "")
        if not self._token:
            raise Stopped("set COULISSES_TOKEN to a token of the platform, or use --local with cargo local")

    def _local_token(self) -> str:
        answer = self._http.request("POST", f"{self._url}/_local/tokens", json={"scope": "coulisses/platform"})
        return answer.json()["accessToken"]

    def import_batch(self, batch: list[Person], key: str | None) -> dict:
        """Imports some people under a key; a dry run without one."""
        body = {"people": [person.body for person in batch], "notify": self._options.notify}
        body["pendingDays"] = self._options.pending_days
        headers = {"Idempotency-Key": key} if key else {}
        return self._send("POST", "imports" if key else "imports?dryRun=true", headers, body)

    def free_seats(self) -> float:
        """How many seats of the client are free."""
        seats = self._send("GET", "seats", {}, None)
        return float("inf") if seats["limit"] is None else max(0, seats["limit"] - seats["used"])

    def _send(self, method: str, path: str, headers: dict, body: dict | None) -> dict:
        headers |= {"Authorization": f"Bearer {self._token}", "Accept-Language": "en"}
        url = f"{self._url}/v1/scopes/{self._options.client}/{path}"
        try:
            answer = self._http.request(method, url, json=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise Stopped(f"{self._url} does not respond ({error.__class__.__name__}): run it again to continue") from error
        if answer.status == 200:
            return answer.json()
        if answer.status == 401:
            raise Stopped("the token is not valid, or has expired: set a new one and run it again to continue")
        reason = answer.json()["detail"] if "json" in answer.headers.get("Content-Type", "") else answer.reason
        raise Stopped(f"the import was refused: {answer.status} {reason}")


def batches(people: People) -> list[list[Person]]:
    """The people in batches."""
    return [people.people[start : start + BATCH] for start in range(0, len(people.people), BATCH)]


@dataclass
class Plan:
    """What an import will do."""

    # The batches that change something.
    batches: list[list[Person]]
    # The outcomes of the other ones, and the lines that fail in them.
    counts: Counter[str]
    failures: dict[int, str]


def plan(api: Api, people: People, options: argparse.Namespace) -> Plan:
    """Shows what the import will do."""
    counts = Counter(failed=len(people.bad))
    failures = dict(people.bad)
    planned = Plan([], Counter(counts), dict(failures))
    before, taken, mails = None, 0, 0
    for batch in tqdm(batches(people), desc="checking", unit="batch", disable=None):
        answer = api.import_batch(batch, None)
        seats = answer["effects"]["seats"]
        if seats:
            before = seats["before"] if before is None else before
            taken += seats["after"] - seats["before"]
        mails += answer["effects"]["mails"]
        outcomes, failed = summary(batch, answer["body"]["results"])
        counts.update(outcomes)
        failures.update(failed)
        if outcomes["created"] or outcomes["changed"]:
            planned.batches.append(batch)
        else:
            planned.counts.update(outcomes)
            planned.failures.update(failed)
    print(f"{options.file}: {len(people.people)} people in {len(people.rows)} lines, for the client {options.client}")
    for outcome, words in (("created", "new"), ("changed", "changed"), ("unchanged", "unchanged"), ("failed", "refused")):
        if counts[outcome]:
            print(f"  {counts[outcome]:6,} {words}")
    for number, reason in sorted(failures.items())[:SHOWN]:
        print(f"         line {number}: {reason}")
    if len(failures) > SHOWN:
        print(f"         and {len(failures) - SHOWN:,} more lines")
    # Each batch is checked against the present seats, so together they can need more than are free.
    without = taken - api.free_seats()
    if without > 0:
        print(f"  seats: {before} taken; {without:,.0f} people will not find a free one")
    else:
        print(f"  seats: {before} taken, {before + taken} afterwards" if taken else "  seats: unchanged")
    print(f"  mails: {mails}")
    return planned


def import_all(api: Api, people: People, planned: Plan) -> dict[int, str]:
    """Imports the batches that change something. Returns all lines that fail, with the reason."""
    counts, failures = Counter(planned.counts), dict(planned.failures)
    with tqdm(total=len(people.people), desc="importing", unit="person", disable=None) as bar:
        bar.update(len(people.people) - sum(len(batch) for batch in planned.batches))
        for batch in planned.batches:
            outcomes, failed = summary(batch, results_of(api, batch))
            counts.update(outcomes)
            failures.update(failed)
            bar.update(len(batch))
    words = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in ("created", "changed", "unchanged", "failed"))
    print(f"imported: {words}")
    return failures


def results_of(api: Api, batch: list[Person]) -> list[dict]:
    """The results of a batch. Items that were not started in time are sent again under the same key."""
    key = str(uuid.uuid4())
    for _ in range(TRIES):
        results = api.import_batch(batch, key)["results"]
        if not any(result["status"] == 503 for result in results):
            return results
        time.sleep(PAUSE)
    raise Stopped("the service stays busy: run it again to continue")


def summary(batch: list[Person], results: list[dict]) -> tuple[Counter[str], dict[int, str]]:
    """How often each outcome is in the results, and the lines that fail, with the reason."""
    counts: Counter[str] = Counter(result.get("outcome", "failed") for result in results)
    failures: dict[int, str] = {}
    for person, result in zip(batch, results, strict=True):
        if "problem" in result:
            failures.update(dict.fromkeys(person.lines, reason(result["problem"])))
    return counts, failures


def reason(problem: dict) -> str:
    """Why a person is not imported, with the fields that are wrong."""
    # Pointers begin with /people and the place in the batch, which mean nothing to the reader.
    fields = ["/".join(error["pointer"].split("/")[3:]) for error in problem.get("errors", [])]
    return problem["detail"] + (f" ({', '.join(fields)})" if fields else "")


def write_failures(people: People, failures: dict[int, str], file: Path) -> Path:
    """Writes the lines that fail, with the reason, to a new file: an older one may be under correction."""
    stem, width = file.name.removesuffix(".csv"), len(people.headings)
    names = (f"{stem}.failed{'' if number == 1 else f'-{number}'}.csv" for number in itertools.count(1))
    written = next(path for path in (file.with_name(name) for name in names) if not path.exists())
    with written.open("x", encoding="utf-8-sig", newline="") as output:
        writer = csv.writer(output, delimiter=people.delimiter)
        writer.writerow([*people.headings, "reason"])
        for number, why in sorted(failures.items()):
            row = people.rows[number][:width]
            writer.writerow([*row, *[""] * (width - len(row)), why])
    return written


if __name__ == "__main__":
    try:
        main()
    except (BadFile, Stopped) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("interrupted: run it again to continue")
