"""What is asked of both sides."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from processes import Server
from sending import Request, Work

# The size of the list.
MEMBERS = 200
PENDING = 20

# What one client or organization gets at most, so that all of them stay as small as most are.
EACH = 100

# How many questions a batch asks.
BATCH = 20

# Of 20 requests of the mix, so many are lists and changes; the others are checks.
LISTS = 3
CHANGES = 1


@dataclass(frozen=True)
class Raced:
    """What a race at the limit came to."""

    invited: int
    accepted: int
    members: int


class Side(ABC):
    """One of the two, with its server running."""

    name: str

    @abstractmethod
    def servers(self) -> list[Server]:
        """All that was started."""

    @abstractmethod
    def serving(self, kind: str) -> Server:
        """The one that is asked for a kind of work."""

    @abstractmethod
    def furnish(self) -> None:
        """Makes what is listed and asked about: one client with its people."""

    @abstractmethod
    def invitations(self, count: int, label: str) -> Work:
        """Invitations of as many people, spread over clients that are made for them."""

    @abstractmethod
    def acceptances(self, count: int, label: str) -> Work:
        """Acceptances by as many people, who are invited for it."""

    @abstractmethod
    def lists(self, count: int) -> Work:
        """Lists of everybody in the client."""

    @abstractmethod
    def checks(self, count: int) -> Work:
        """Members of the client, in turns, each asking for one permission of his own."""

    def batches(self, count: int) -> Work | None:
        """The same, 20 questions a request, if that is offered."""
        del count
        return None

    def batches_about_others(self, count: int) -> Work | None:
        """One person asking about 20 others in a request, if that is offered."""
        del count
        return None

    def mix(self, count: int, label: str) -> Work:
        """Mostly checks, some lists, a few invitations."""
        changes = self.invitations(max(1, count * CHANGES // 20), label).requests
        lists = self.lists(count * LISTS // 20).requests
        checks = self.checks(count - len(changes) - len(lists)).requests
        return Work(evenly(evenly(checks, lists), changes), 0, "")

    @abstractmethod
    def race(self, limit: int, callers: int, label: str) -> Raced:
        """Many invitations at once where few are let in, then the acceptances of all who were invited, at once."""


def evenly(many: list[Request], few: list[Request]) -> list[Request]:
    """Both, the few spread over the many."""
    step = len(many) / (len(few) + 1)
    mixed = []
    taken = 0
    for index, one in enumerate(few, 1):
        until = round(index * step)
        mixed += [*many[taken:until], one]
        taken = until
    return mixed + many[taken:]


def houses(count: int) -> list[int]:
    """How many people each client gets, of so many altogether."""
    return [min(EACH, count - start) for start in range(0, count, EACH)]
