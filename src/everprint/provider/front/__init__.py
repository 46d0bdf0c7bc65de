"""What clients talk to: one module an IPP operation, and what they share.

Reading order: call (a request and what operations work with), who (who asks), dispatch (which request goes where),
new_job and receive (may it be, and its document), then the operations in the order in which a client uses them.
"""
