"""POST /contract/jobs/steer: answered when the job's own provider reports, or when that takes too long."""

from __future__ import annotations

import asyncio
import uuid

import msgspec

from everprint.contract.elsewhere import REPORT_PATIENCE_S, Found, Outcome, Steered, SteerJob
from everprint.server.jobs.elsewhere import NotFound, order_what_is_asked
from everprint.server.providers.contract.bounds import check_asker, check_uuid
from everprint.server.providers.contract.call import Answer, Call
from everprint.server.providers.contract.worker import Worker
from everprint.server.providers.orders import report_of, waiting

_steer = msgspec.json.Decoder(SteerJob)

# How often to look for the report, which may come by another process: often at first, then seldom.
_FIRST_LOOK_S, _LATER_S = 0.05, 0.5

_NOT_REPORTED = (
    "The print server that has the job does not answer now. It does what you asked for when it is back, if it can."
)


async def steer(call: Call, worker: Worker) -> Answer:
    """The order is given once, however often this is asked. Raises Refused."""
    question = call.message(_steer)
    check_uuid("request", question.request)
    check_uuid("job_id", question.job_id)
    check_asker(question.asker, ())
    try:
        await worker.run(lambda: order_what_is_asked(question))
    except NotFound as error:
        return Answer(msgspec.json.encode(Steered(found=error.why)))
    return Answer(msgspec.json.encode(await _report(uuid.UUID(question.request), worker)))


async def _report(request: uuid.UUID, worker: Worker) -> Steered:
    loop = asyncio.get_running_loop()
    until, look_s = loop.time() + REPORT_PATIENCE_S, _FIRST_LOOK_S
    while True:
        report = await worker.run(lambda: report_of(request))
        if report is not None:
            return Steered(found=Found.FOUND, outcome=report.outcome, message=report.message)
        if loop.time() >= until or waiting.is_stopping:
            return Steered(found=Found.FOUND, outcome=Outcome.NOT_REPORTED, message=_NOT_REPORTED)
        await asyncio.sleep(look_s)
        look_s = min(look_s * 1.5, _LATER_S)
