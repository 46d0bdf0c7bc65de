"""The endpoints, one module an area: its records, what can be asked, and calls of the functions that do it."""
