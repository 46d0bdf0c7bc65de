"""An installation of campus size on PostgreSQL: does it stay fast as its history grows, and what does a job weigh?"""

from bench.campus.measures import TITLE, run

__all__ = ["TITLE", "run"]
