"""The one virtual machine image that every Everprint VM boots from, whatever its role.

Reading order: `recipe` (what is in it), `mirror` and `base_tree` (Debian), `fitting_out` (Everprint on top of that),
`kernel` and `initrd` (how it starts), `disk` (one disk of it all), `build` (the order), `seed` (who a VM is),
`export` (for hypervisors that have their own formats), `trial` (does it boot, and where do the seconds go).
"""
