"""What the Print Provider and the Application Server say to each other.

Reading order: version, job_life (the states a job goes through), messages, endpoints, then client.
"""
