"""What became of a job by rules so far, as the journal keeps it."""

from __future__ import annotations

import msgspec


class ByRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`held_by` is the number of the rule that holds it now, 0 for none; `let_go` those that held it before somebody
    released it. `sent_back` counts attempts that no person asked for: it was changed, or redirected by a rule."""

    forced: tuple[str, ...] = ()
    held_by: int = 0
    let_go: tuple[int, ...] = ()
    sent_back: int = 0

    def released(self) -> ByRules:
        """When a person releases it."""
        let_go = (*self.let_go, self.held_by) if self.held_by else self.let_go
        return msgspec.structs.replace(self, held_by=0, let_go=let_go)


NO_RULES = ByRules()
