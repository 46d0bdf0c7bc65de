"""What will this spool file put on paper?

Reading order: result (the answer's types), ticket, imposition (pages and ticket to sheets), detect, one module per
page description language, then pool and worker, which run all this where it can do no harm.
"""
