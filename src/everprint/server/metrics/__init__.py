"""The Application Server's numbers for Prometheus (docs/reference/metrics.md)."""
