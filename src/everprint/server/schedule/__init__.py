"""Work that comes round by the clock: done by one of the servers on a database, whichever is there."""
