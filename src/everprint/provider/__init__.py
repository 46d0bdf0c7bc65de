"""The Print Provider: queues that people print to, a durable spool, and the way of each job to its printer.

Reading order is a job's life: settings and identity (who this print server is), snapshot and queue (what it offers),
front (a job comes in), spool and journal (it is kept), walk (what happens next), analysis, decision, delivery,
then reporting and orders (what the Application Server hears and wants), device_watch and dns_sd, and provider, which
puts them together.
"""
