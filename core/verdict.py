"""What an audit finds, and says in the end."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the row ('ledger 3/17', 'purchases 3/0195...') and what is."""

    where: str
    what: str


@dataclass(slots=True)
class Verdict:
    """What the audit found, the first wrong row first, and what it counted by show."""

    problems: tuple[Finding, ...] = ()
    shows: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])

    @property
    def ok(self) -> bool:
        """Whether everything was proved."""
        return not self.problems

    def as_plain(self) -> dict[str, object]:
        """Return it as JSON-able data."""
        problems = [{"where": p.where, "what": p.what} for p in self.problems]
        return {"ok": self.ok, "problems": problems, "shows": self.shows}
