"""Reads people from a CSV file: headings in French or English, `;` or `,`, UTF-8 or Windows-1252."""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

# What a heading means, by its words without accents.
HEADINGS = {
    "email": ("email", "e mail", "mail", "courriel", "adresse", "adresse e mail", "adresse email", "address", "login"),
    "name": ("name", "nom", "nom complet", "full name", "display name"),
    "first": ("first name", "prenom", "given name"),
    "last": ("last name", "nom de famille", "surname", "family name"),
    "role": ("role", "profil", "profile"),
    "scope": ("scope", "niveau", "level", "evenement", "event", "perimetre"),
    "permissions": ("permissions", "droits", "rights"),
    "expiresAt": ("expires at", "expires", "ends", "end", "fin", "expire le", "fin de l acces", "expiresat"),
    "locale": ("locale", "language", "langue"),
    "iss": ("iss", "issuer", "emetteur"),
    "sub": ("sub", "subject", "account", "compte", "identifiant du compte"),
    "lastLoginAt": ("last login at", "last login", "derniere connexion", "lastloginat"),
}

# The words for a role, by their stem.
ROLES = {
    "administrator": ("administrator", "administrateur", "administratrice", "admin"),
    "contributor": ("contributor", "contributeur", "contributrice"),
    "reader": ("reader", "lecteur", "lectrice", "lecture seule", "read only"),
    "manager": ("manager", "gestionnaire"),
    "supervisor": ("supervisor", "superviseur", "superviseuse"),
    "observer": ("observer", "observateur", "observatrice"),
    "custom": ("custom", "personnalise"),
}


class BadFile(Exception):
    """The file cannot be read; the message says what to do."""


class BadLine(Exception):
    """A line cannot be understood; the message says what to do."""


@dataclass
class Person:
    """A person, from one line or from several with the same address."""

    body: dict
    lines: list[int] = field(default_factory=list)


@dataclass
class People:
    """The people of a file, with its headings and lines for the list of failures."""

    people: list[Person]
    headings: list[str]
    rows: dict[int, list[str]]
    delimiter: str
    # The lines that cannot be understood, with the reason.
    bad: dict[int, str]


def folded(text: str) -> str:
    """Lower case, without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", " ", plain.lower()).strip()


def decoded(data: bytes) -> str:
    """UTF-8 with or without a byte order mark, otherwise Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read(file: Path, client: str, zone: str, issuer: str | None) -> People:
    """Reads the file; raises `BadFile` if a heading is missing."""
    text = decoded(file.read_bytes())
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") >= first.count(",") and ";" in first else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not rows:
        raise BadFile(f"{file} is empty")
    # A list of failures is imported without its last column.
    headings = rows[0][:-1] if rows[0][-1] == "reason" else rows[0]
    columns = columns_of(headings)
    if "email" not in columns:
        raise BadFile(f"{file}, line 1: no column is named e-mail; the headings are {', '.join(rows[0])}")
    if "role" not in columns:
        raise BadFile(f"{file}, line 1: no column is named role; the headings are {', '.join(rows[0])}")
    people: dict[str, Person] = {}
    kept: dict[int, list[str]] = {}
    bad: dict[int, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        kept[number] = row
        cells = {use: row[at].strip() if at < len(row) else "" for use, at in columns.items()}
        try:
            made, details = grant(cells, client, zone), described(cells, zone, issuer)
        except BadLine as error:
            bad[number] = str(error)
            continue
        person = people.setdefault(cells["email"].lower(), Person({"email": cells["email"], "grants": []}))
        person.lines.append(number)
        person.body.update(details)
        person.body["grants"].append(made)
    return People(list(people.values()), headings, kept, delimiter, bad)


def columns_of(headings: list[str]) -> dict[str, int]:
    """The column of each use. The first one of several wins."""
    columns: dict[str, int] = {}
    for at, heading in enumerate(headings):
        word = folded(heading)
        for use, words in HEADINGS.items():
            if word in words:
                columns.setdefault(use, at)
    if "first" in columns and "name" in columns and "last" not in columns:
        # "Prénom" beside "Nom" is a family name.
        columns["last"] = columns.pop("name")
    return columns


def described(cells: dict[str, str], zone: str, issuer: str | None) -> dict:
    """Name, language, account and last login, if the line has them."""
    body: dict = {}
    parts = (cells.get("first", ""), cells.get("last", ""))
    name = cells.get("name") or " ".join(part for part in parts if part)
    if name:
        body["name"] = name
    if cells.get("locale"):
        body["locale"] = cells["locale"].lower()[:2]
    if cells.get("sub"):
        iss = cells.get("iss") or issuer
        if not iss:
            raise BadLine("The account has no issuer. Add a column iss, or --issuer URL.")
        body["account"] = {"iss": iss, "sub": cells["sub"]}
    if cells.get("lastLoginAt"):
        body["lastLoginAt"] = moment(cells["lastLoginAt"], zone, end=False)
    return body


def grant(cells: dict[str, str], client: str, zone: str) -> dict:
    """The grant of a line. Without a scope, it is on the client."""
    scope = cells.get("scope") or client
    if scope != client and not scope.startswith(f"{client}:"):
        scope = f"{client}:{scope}"
    word = folded(cells["role"])
    role = next((role for role, words in ROLES.items() if word in words), None)
    if role is None:
        raise BadLine(f"No role is named {cells['role']!r}. Roles are {', '.join(ROLES)}.")
    made = {"scope": scope, "role": role}
    if role == "custom":
        made["permissions"] = [word for word in re.split(r"[\s,|]+", cells.get("permissions", "")) if word]
    if cells.get("expiresAt"):
        made["expiresAt"] = moment(cells["expiresAt"], zone, end=True)
    return made


def moment(text: str, zone: str, *, end: bool) -> str:
    """A time with its offset. A date without a time is the end of that day, or its beginning."""
    read_as = None
    for form in ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"):
        try:
            read_as = datetime.strptime(text, form)  # noqa: DTZ007 (the zone is added below)
        except ValueError:
            continue
        break
    try:
        read_as = read_as or datetime.fromisoformat(text)
    except ValueError:
        raise BadLine(f"{text!r} is not a time. Write 2027-06-30 or 30/06/2027 18:00.") from None
    if end and len(text) == len("2027-06-30"):
        read_as = read_as.replace(hour=23, minute=59, second=59)
    return (read_as if read_as.tzinfo else read_as.replace(tzinfo=ZoneInfo(zone))).isoformat()
