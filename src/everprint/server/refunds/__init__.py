"""Money back for jobs that were charged: asked for by their owners, granted or denied by operators."""
