"""How people pay credit in by themselves: voucher cards, and payments through a gateway."""
