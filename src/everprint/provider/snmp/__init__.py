"""What printers say over SNMP: supplies, alerts, state and lifetime counter (RFC 3805, RFC 2790)."""
