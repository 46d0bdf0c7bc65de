"""Amounts of money as people read them, the same on the server's pages and in what a provider tells a client."""

from __future__ import annotations

from decimal import Decimal

# Symbols that name one currency beyond doubt to its users; others are written with their ISO 4217 code.
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹", "KRW": "₩"}
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def format_amount(amount: Decimal, currency: str, decimals: int) -> str:
    """The amount as people read it: €1,234.50; a price finer than the smallest coin keeps its digits: €0.045."""
    whole, _, fraction = f"{abs(amount):,.4f}".partition(".")
    fraction = fraction[:decimals] + fraction[decimals:].rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency) or currency + NO_BREAK_SPACE}{number}"
