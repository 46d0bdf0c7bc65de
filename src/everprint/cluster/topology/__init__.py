"""The topology: one TOML file that says what a cluster is made of, read into dataclasses or refused by line."""
