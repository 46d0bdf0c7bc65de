"""Jobs that go to another print server, and those that come from one (contract.hand_over).

giving: what the giver does; taking: what the taker does; parcel: the job as it is on its way.
"""
