"""Resource agents for Pacemaker. They run on hosts that have Debian's Python only: nothing else is imported
but `monitor.deadline` and what of `fault_tolerance` needs no more."""
