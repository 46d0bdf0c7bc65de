"""The largest numbers that a message may carry. Providers keep to them and the server holds them to it: an event
beyond them would be refused for ever, and all later ones with it.
"""

MOST_IMPRESSIONS = 10_000_000
MOST_KINDS_OF_SIDES = 1_000
MOST_NUMBER_UP = 10_000
MOST_COPIES = 2**31 - 1

# Of the small pictures of a job's pages: how many, and how large each may be (octets; pixels an edge).
MOST_PREVIEWS = 100
MOST_PREVIEW_OCTETS = 512 << 10
LONGEST_PREVIEW_EDGE = 500
