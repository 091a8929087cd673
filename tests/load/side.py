"""The work that both sides do."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from processes import Server
from sending import Request, Work

# The size of the list: members and pending invitations.
MEMBERS = 200
PENDING = 20

# The maximum number of people in a client or organization, so that they stay as small as real ones.
EACH = 100

# The number of checks in a batch.
BATCH = 20

# The number of lists and of changes among 20 requests of the mix; the others are checks.
LISTS = 3
CHANGES = 1


@dataclass(frozen=True)
class Raced:
    """The result of a race for the last seats."""

    invited: int
    accepted: int
    members: int


class Side(ABC):
    """One of the two sides, with its servers running."""

    name: str

    @abstractmethod
    def server_for(self, kind: str) -> Server:
        """The server for a kind of work."""

    @abstractmethod
    def prepare(self) -> None:
        """Creates the client that is listed and checked, with its people."""

    @abstractmethod
    def invitations(self, count: int, label: str) -> Work:
        """Invitations of this many people, spread over new clients."""

    @abstractmethod
    def acceptances(self, count: int, label: str) -> Work:
        """Acceptances by this many people, who are invited first."""

    @abstractmethod
    def lists(self, count: int) -> Work:
        """Lists of everyone in the client."""

    @abstractmethod
    def checks(self, count: int) -> Work:
        """Members of the client, in turn, each checking one of their own permissions."""

    def batches(self, count: int) -> Work | None:
        """The same with 20 checks per request, if supported."""
        del count
        return None

    def batches_about_others(self, count: int) -> Work | None:
        """One person checking the permissions of 20 others per request, if supported."""
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
        """Sends more invitations at once than there are seats, then all acceptances of the invited people at once."""


def evenly(many: list[Request], few: list[Request]) -> list[Request]:
    """Merges both lists, with the few spread evenly over the many."""
    step = len(many) / (len(few) + 1)
    mixed = []
    taken = 0
    for index, one in enumerate(few, 1):
        until = round(index * step)
        mixed += [*many[taken:until], one]
        taken = until
    return mixed + many[taken:]


def houses(count: int) -> list[int]:
    """The number of people in each client, for this many people altogether."""
    return [min(EACH, count - start) for start in range(0, count, EACH)]
