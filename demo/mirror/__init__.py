"""The drill of mirrored disks, `make mirror-drill`: a host that runs VMs from them dies while jobs come in, twice.

First with both copies as good: the VMs start from the other one, and nothing that was accepted is lost. Then with the
mirror broken before: the old copy is refused, and the VMs start where the good one is. Reading order: `__main__`,
`acts`, `scene` (the lab), `crowd` (who prints), `verdict` (what would be wrong), `telling`.
"""
