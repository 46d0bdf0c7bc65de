"""The index of IPP's job-ids has those of jobs that are not packed yet: nobody asks for others by it."""

from django.db import migrations, models

from everprint.server.migrating.operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("jobs", "0015_jobs_to_be_packed")]

    operations = [
        AddIndexOnline(
            "job",
            models.Index(
                condition=models.Q(("history", None), ("ipp_job_id__isnull", False)),
                fields=["ipp_job_id"],
                name="job_by_recent_ipp_job_id",
            ),
        ),
        RemoveIndexOnline("job", "job_by_ipp_job_id"),
    ]
