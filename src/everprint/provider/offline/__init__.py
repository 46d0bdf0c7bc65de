"""Going on while the Application Server is away: deciding about jobs alone, and telling of it afterwards.

Invariant: whatever is decided here is in the journal, with the fact that tells of it, before anything is done because
of it. Reading order: verdict (the rules), spendable_store and spendable_fetch (what people have), spending (what was
decided and not yet told), absence (the period as people see it), alone (puts them together).
"""
