"""What the printer says of itself that does not change (Get-Printer-Attributes; RFC 8011, PWG 5100.7, .13, .14)."""

from __future__ import annotations

from datetime import datetime

from everprint.ipp.compression import COMPRESSIONS
from everprint.ipp.message import (
    Attribute,
    boolean,
    charset,
    collection,
    date_time,
    enum,
    integer,
    keyword,
    mime_media_type,
    name,
    natural_language,
    no_value,
    octet_string,
    range_of_integer,
    resolution,
    text,
    unknown,
    uri,
)
from everprint.ipp.operations import Operation
from everprint.ipp.values import MAX_INTEGER, IntegerRange
from everprint.virtual_printer import capabilities as can
from everprint.virtual_printer.model import AUTOMATIC, Model
from everprint.virtual_printer.paper import MARGIN, media_col, media_size_of

OPERATIONS = (
    Operation.PRINT_JOB,
    Operation.VALIDATE_JOB,
    Operation.CREATE_JOB,
    Operation.SEND_DOCUMENT,
    Operation.CANCEL_JOB,
    Operation.GET_JOB_ATTRIBUTES,
    Operation.GET_JOBS,
    Operation.GET_PRINTER_ATTRIBUTES,
    Operation.HOLD_JOB,
    Operation.RELEASE_JOB,
    Operation.CANCEL_MY_JOBS,
    Operation.CLOSE_JOB,
    Operation.IDENTIFY_PRINTER,
)


def job_template_attributes(model: Model) -> tuple[Attribute, ...]:
    """The *-default*, *-supported* and *-ready* attributes of what a job may ask for (group *job-template*)."""
    return tuple(one for one in _all_of_template(model) if not _is_lacking(model, one))


def _is_lacking(model: Model, attribute: Attribute) -> bool:
    return any(attribute.name in (f"{name}-default", f"{name}-supported") for name in model.lacks)


def _all_of_template(model: Model) -> tuple[Attribute, ...]:
    media_names = tuple(paper.name for paper in model.supported)
    trays = tuple(f"tray-{number}" for number in range(1, len(model.loaded) + 1))
    return (
        integer("copies-default", 1),
        range_of_integer("copies-supported", IntegerRange(1, can.MAX_COPIES)),
        enum("finishings-default", 3),
        enum("finishings-supported", *can.FINISHINGS),
        keyword("imposition-template-default", can.IMPOSITION_TEMPLATES[0]),
        keyword("imposition-template-supported", *can.IMPOSITION_TEMPLATES),
        keyword("job-hold-until-default", "no-hold"),
        keyword("job-hold-until-supported", *can.HOLD_UNTIL),
        keyword("job-sheets-default", "none"),
        keyword("job-sheets-supported", "none"),
        keyword("media-default", model.default_paper.name),
        keyword("media-supported", *media_names),
        keyword("media-ready", *(paper.name for paper in model.loaded)),
        collection("media-col-default", media_col(model.default_paper, trays[0])),
        collection(
            "media-col-ready",
            *(media_col(paper, tray) for paper, tray in zip(model.loaded, trays, strict=True)),
        ),
        collection("media-col-database", *(media_col(paper) for paper in model.supported)),
        keyword(
            "media-col-supported",
            "media-bottom-margin",
            "media-left-margin",
            "media-right-margin",
            "media-size",
            "media-size-name",
            "media-source",
            "media-top-margin",
            "media-type",
        ),
        integer("media-bottom-margin-supported", MARGIN),
        integer("media-left-margin-supported", MARGIN),
        integer("media-right-margin-supported", MARGIN),
        integer("media-top-margin-supported", MARGIN),
        collection("media-size-supported", *(media_size_of(paper) for paper in model.supported)),
        keyword("media-source-supported", "auto", *trays),
        keyword("media-type-supported", "stationery"),
        keyword("multiple-document-handling-default", can.MULTIPLE_DOCUMENT_HANDLING[1]),
        keyword("multiple-document-handling-supported", *can.MULTIPLE_DOCUMENT_HANDLING),
        integer("number-up-default", 1),
        integer("number-up-supported", *can.NUMBER_UP),
        no_value("orientation-requested-default"),
        enum("orientation-requested-supported", *can.ORIENTATIONS),
        keyword("output-bin-default", can.OUTPUT_BINS[0]),
        keyword("output-bin-supported", *can.OUTPUT_BINS),
        boolean("page-ranges-supported", True),
        keyword("print-color-mode-default", "auto"),
        keyword("print-color-mode-supported", *can.colour_modes(model)),
        keyword("print-content-optimize-default", "auto"),
        keyword("print-content-optimize-supported", "auto"),
        enum("print-quality-default", 4),
        enum("print-quality-supported", *can.PRINT_QUALITIES),
        keyword("print-rendering-intent-default", "auto"),
        keyword("print-rendering-intent-supported", "auto"),
        keyword("print-scaling-default", "auto"),
        keyword("print-scaling-supported", "auto"),
        resolution("printer-resolution-default", can.RESOLUTIONS[0]),
        resolution("printer-resolution-supported", *can.RESOLUTIONS),
        keyword("sides-default", can.SIDES[0]),
        keyword("sides-supported", *can.SIDES),
    )


def description_attributes(model: Model, printer_uri: str, page: str, since: datetime) -> tuple[Attribute, ...]:
    """Group *printer-description*, without what changes while it runs; the addresses are as the client calls us."""
    tls = printer_uri.startswith("ipps:")
    return (
        charset("charset-configured", "utf-8"),
        charset("charset-supported", "utf-8"),
        boolean("color-supported", model.colour),
        keyword("compression-supported", *COMPRESSIONS),
        mime_media_type("document-format-default", AUTOMATIC),
        mime_media_type("document-format-supported", *model.document_formats),
        keyword("document-privacy-attributes", "default"),
        keyword("document-privacy-scope", "owner"),
        natural_language("generated-natural-language-supported", "en"),
        keyword("identify-actions-default", "display"),
        keyword("identify-actions-supported", *can.IDENTIFY_ACTIONS),
        keyword("ipp-features-supported", "ipp-everywhere"),
        keyword("ipp-versions-supported", "1.1", "2.0"),
        keyword("job-creation-attributes-supported", *JOB_CREATION_ATTRIBUTES),
        boolean("job-ids-supported", True),
        range_of_integer("job-impressions-supported", IntegerRange(0, MAX_INTEGER)),
        range_of_integer("job-k-octets-supported", IntegerRange(0, MAX_INTEGER)),
        range_of_integer("job-media-sheets-supported", IntegerRange(0, MAX_INTEGER)),
        boolean("multiple-document-jobs-supported", False),
        integer("multiple-operation-time-out", model.multiple_operation_time_out_s),
        keyword("multiple-operation-time-out-action", "abort-job"),
        natural_language("natural-language-configured", "en"),
        enum("operations-supported", *OPERATIONS),
        keyword("pdf-versions-supported", "adobe-1.7", "iso-32000-1_2008"),
        keyword("pdl-override-supported", "attempted"),
        boolean("preferred-attributes-supported", False),
        date_time("printer-config-change-date-time", since),
        integer("printer-config-change-time", 1),
        text("printer-device-id", _device_id(model)),
        unknown("printer-geo-location"),
        keyword("printer-get-attributes-supported", "document-format"),
        uri("printer-icons", f"{page}icon.png"),
        text("printer-info", model.name),
        keyword("printer-kind", "document"),
        text("printer-location", ""),
        text("printer-make-and-model", model.make_and_model),
        uri("printer-more-info", page),
        name("printer-name", model.name),
        text("printer-organization", ""),
        text("printer-organizational-unit", ""),
        uri("printer-supply-info-uri", page),
        uri("printer-uri-supported", printer_uri),
        uri("printer-uuid", model.printer_uuid),
        resolution("pwg-raster-document-resolution-supported", *can.RESOLUTIONS),
        keyword("pwg-raster-document-sheet-back", "normal"),
        keyword("pwg-raster-document-type-supported", *_raster_types(model)),
        keyword("uri-authentication-supported", "requesting-user-name"),
        keyword("uri-security-supported", "tls" if tls else "none"),
        keyword("urf-supported", *_urf(model)),
        keyword("which-jobs-supported", *can.WHICH_JOBS),
    )


def supply_attributes(model: Model, toner: int) -> tuple[Attribute, ...]:
    """What is left in the cartridges: *printer-supply* (PWG 5100.13) and CUPS's *marker-...*."""
    cartridges = [("Black", "#000000")]
    if model.colour:
        cartridges += [("Cyan", "#00FFFF"), ("Magenta", "#FF00FF"), ("Yellow", "#FFFF00")]
    supplies = [
        f"index={index};class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level={toner};"
        f"colorantname={colour.lower()};".encode()
        for index, (colour, _) in enumerate(cartridges, 1)
    ]
    names = [f"{colour} Toner" for colour, _ in cartridges]
    return (
        octet_string("printer-supply", *supplies),
        text("printer-supply-description", *names),
        name("marker-colors", *(code for _, code in cartridges)),
        integer("marker-high-levels", *(100 for _ in cartridges)),
        integer("marker-levels", *(toner for _ in cartridges)),
        integer("marker-low-levels", *(10 for _ in cartridges)),
        name("marker-names", *names),
        keyword("marker-types", *("toner" for _ in cartridges)),
    )


JOB_CREATION_ATTRIBUTES = (
    "copies",
    "document-format",
    "document-name",
    "finishings",
    "imposition-template",
    "ipp-attribute-fidelity",
    "job-hold-until",
    "job-name",
    "media",
    "media-col",
    "multiple-document-handling",
    "number-up",
    "orientation-requested",
    "output-bin",
    "page-ranges",
    "print-color-mode",
    "print-content-optimize",
    "print-quality",
    "print-rendering-intent",
    "print-scaling",
    "printer-resolution",
    "sides",
)


def _device_id(model: Model) -> str:
    """IEEE 1284 device id, from which old clients choose a driver."""
    name = model.make_and_model.removeprefix("Everprint ")
    return f"MFG:Everprint;MDL:{name};CMD:PDF,PS,PWGRaster,URF,JPEG;CLS:PRINTER;"


def _raster_types(model: Model) -> tuple[str, ...]:
    return ("black_1", "sgray_8", "srgb_8") if model.colour else ("black_1", "sgray_8")


def _urf(model: Model) -> tuple[str, ...]:
    """What Apple's clients may send: copies, duplex, resolutions and colour spaces of URF."""
    spaces = ("W8", "SRGB24") if model.colour else ("W8",)
    return ("V1.4", "CP255", "DM1", "IS1", "MT1", "OB10", "PQ3-4-5", "RS300-600", *spaces)
