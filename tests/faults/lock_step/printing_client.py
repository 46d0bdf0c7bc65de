"""Sends one Print-Job by one connection, a little at a time, and tells how long it ever paused.

Run by itself, where people are: QUEUE USER NAME FILE SECONDS. Prints JSON lines: which part of the document is on its
way, again and again; at the end the status that came by the same connection.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from streaming_client import Watch, connected, pieces, tell  # beside this file: it is no package where people are

from everprint.ipp.codec import decode, encode
from everprint.ipp.message import Group, Message, charset, mime_media_type, name, natural_language, uri
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag


def main(queue: str, user: str, title: str, document: bytes, seconds: float) -> None:
    attributes = (
        charset("attributes-charset", "utf-8"),
        natural_language("attributes-natural-language", "en"),
        uri("printer-uri", queue),
        name("requesting-user-name", user),
        name("job-name", title),
        mime_media_type("document-format", "application/pdf"),
    )
    request = encode(Message(Operation.PRINT_JOB, 1, (Group(GroupTag.OPERATION, attributes),)))
    where = urlsplit(queue)
    with connected(str(where.hostname), int(where.port or 0)) as connection:
        watch = Watch(connection)
        watch.start()
        http = HTTPConnection(str(where.hostname), where.port)
        http.sock = connection
        http.auto_open = 0  # a second connection would be no proof
        http.putrequest("POST", where.path)
        http.putheader("Content-Type", "application/ipp")
        http.putheader("Content-Length", str(len(request) + len(document)))
        http.endheaders(request)
        for piece in pieces(document, seconds):
            http.send(piece)
        with http.getresponse() as response:
            answer = decode(response.read(), tolerant=True)
    tell({"status": Status(answer.code).name.lower().replace("_", "-"), "paused_s": round(watch.longest_s, 2)})


if __name__ == "__main__":
    _, to, who, called, file, lasting = sys.argv
    main(to, who, called, Path(file).read_bytes(), float(lasting))
