"""Programs that are not ours, each of which makes a language of a PDF; and what they are known to change."""

from __future__ import annotations

import gzip
import os
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from everprint.documents.result import Language
from tests.documents.constructed.books import DARK, GREY, LETTERS, MARKED, ON_A4, ONE, PLAIN, TEXT, WHOLE, Book
from tests.documents.corpus import make_pdf, qpdf

Make = Callable[[Path, Path, Book], Path]
"""From a PDF and an empty path to the file, for the job that the book asks for."""


@dataclass(frozen=True)
class Maker:
    """One way to a language. A `mono` one leaves no colour."""

    name: str
    language: Language
    make: Make
    books: tuple[Book, ...]
    mono: bool = False
    comes_out: Callable[[Book], Book] = lambda book: book
    """What the program makes of the book, where that is another one."""
    doubt: str = ""
    """Why what it makes can only be estimated; the numbers must be right all the same."""


def by_ghostscript(device: str, *options: str) -> Make:
    def make(pdf: Path, target: Path, book: Book) -> Path:
        asked = []
        if book.copies > 1 or book.two_sided:
            sides = f"/Duplex {str(book.two_sided).lower()} /Tumble false"
            asked = ["-c", f"<< /NumCopies {book.copies} {sides} >> setpagedevice", "-f"]
        command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", f"-sDEVICE={device}", *options]
        command += [f"-dNumCopies={book.copies}"] * (book.copies > 1) + ["-dDuplex=true"] * book.two_sided
        subprocess.run([*command, f"-sOutputFile={target}", *asked, str(pdf)], check=True, capture_output=True)
        return target

    return make


def by_program(*command: str) -> Make:
    """`IN` and `OUT` in the command stand for the files."""

    def make(pdf: Path, target: Path, book: Book) -> Path:
        words = [str({"IN": pdf, "OUT": target}.get(word, word)) for word in command]
        subprocess.run(words, check=True, capture_output=True)
        return target

    return make


def by_cups_filter(name: str, content: str, final: str, options: str = "") -> Make:
    """A filter of cups-filters, called as CUPS calls it."""

    def make(pdf: Path, target: Path, book: Book) -> Path:
        sides = "two-sided-long-edge" if book.two_sided else "one-sided"
        words = ["/usr/lib/cups/filter/" + name, "1", "anna", "title", str(book.copies), f"sides={sides} {options}"]
        environment = {**os.environ, "CONTENT_TYPE": content, "FINAL_CONTENT_TYPE": final}
        with target.open("wb") as out:
            subprocess.run([*words, str(pdf)], check=True, stdout=out, stderr=subprocess.PIPE, env=environment)
        return target

    return make


def by_qpdf(*options: str) -> Make:
    return lambda pdf, target, _: qpdf(pdf, target, *options)


def of_pages(*ranges: str) -> Make:
    """By qpdf, of ranges of pages in this order."""

    def make(pdf: Path, target: Path, book: Book) -> Path:
        chosen = [word for pages in ranges for word in (str(pdf), pages)]
        subprocess.run(["qpdf", "--empty", "--pages", *chosen, "--", str(target)], check=True, capture_output=True)
        return target

    return make


def through_postscript(pdf: Path, target: Path, book: Book) -> Path:
    made = by_ghostscript("ps2write")(pdf, target.with_suffix(".ps"), book)
    return by_ghostscript("pdfwrite")(made, target, book)


def packed(make: Make, pack: Callable[[bytes], bytes]) -> Make:
    def then_pack(pdf: Path, target: Path, book: Book) -> Path:
        made = make(pdf, target.with_suffix(".unpacked"), book)
        target.write_bytes(pack(made.read_bytes()))
        return target

    return then_pack


def in_pjl(make: Make) -> Make:
    def then_wrap(pdf: Path, target: Path, book: Book) -> Path:
        made = make(pdf, target.with_suffix(".bare"), book)
        duplex = "ON" if book.two_sided else "OFF"
        header = f"\x1b%-12345X@PJL JOB\r\n@PJL SET QTY={book.copies}\r\n@PJL SET DUPLEX={duplex}\r\n"
        enter, end = "@PJL ENTER LANGUAGE=PDF\r\n", "\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X"
        target.write_bytes(f"{header}{enter}".encode() + made.read_bytes() + end.encode())
        return target

    return then_wrap


def plotted(pdf: Path, target: Path, book: Book) -> Path:
    """HP-GL/2, as nothing at hand writes it: a line on each page, in red where the book is in colour."""
    pages = [
        f"BP;IN;PS{leaf.size[1] * 40:.0f},{leaf.size[0] * 40:.0f};"
        f"PC1,0,0,0;PC2,200,20,20;SP{2 if leaf.colour else 1};PU900,900;PD4000,5000;PU;PG;"
        for leaf in book.leaves
    ]
    target.write_text("".join(pages), "ascii")
    return target


def typed(pdf: Path, target: Path, book: Book) -> Path:
    """Plain text with form feeds between the pages."""
    target.write_text("\f".join("All that glitters\nis not gold\n" for _ in book.leaves), "ascii")
    return target


def itself(pdf: Path, target: Path, book: Book) -> Path:
    return pdf


COPIES, BOTH = PLAIN.asked(3, two_sided=False), PLAIN.asked(2, two_sided=True)
TWO_SIDED = PLAIN.asked(1, two_sided=True)
JOBS = (COPIES, BOTH)
"""For devices that write copies and sides into what they make."""
RGB_RASTER = ("-r100", "-dcupsColorSpace=19", "-dcupsBitsPerColor=8")
PDF_TO_PDF = ("application/pdf", "application/pdf")  # on Letter, as it has no printer's description
PDF_TO_RASTER = ("application/pdf", "image/pwg-raster", "Resolution=100dpi")

MAKERS = (
    Maker("reportlab", Language.PDF, itself, (WHOLE, PLAIN, GREY)),
    Maker("gs pdfwrite", Language.PDF, by_ghostscript("pdfwrite"), (WHOLE,)),
    Maker("pdftocairo -pdf", Language.PDF, by_program("pdftocairo", "-pdf", "IN", "OUT"), (WHOLE,)),
    Maker("pdftopdf", Language.PDF, by_cups_filter("pdftopdf", *PDF_TO_PDF), (LETTERS,)),
    Maker(
        "pdftopdf number-up=2",
        Language.PDF,
        by_cups_filter("pdftopdf", *PDF_TO_PDF, "number-up=2"),
        (LETTERS,),
        comes_out=Book.two_up,
    ),
    Maker("qpdf object streams", Language.PDF, by_qpdf("--object-streams=generate", "--linearize"), (WHOLE,)),
    Maker("qpdf QDF", Language.PDF, by_qpdf("--qdf"), (WHOLE,)),
    Maker("qpdf encrypted", Language.PDF, by_qpdf("--encrypt", "", "owner", "256", "--"), (WHOLE,)),
    Maker("qpdf backwards", Language.PDF, of_pages("z-1"), (WHOLE,), comes_out=Book.backwards),
    Maker("qpdf twice", Language.PDF, of_pages("1-z", "1-z"), (WHOLE,), comes_out=Book.twice),
    Maker("gs ps2write, gs pdfwrite", Language.PDF, through_postscript, (WHOLE,)),
    Maker("gs pdfimage24", Language.PDF, by_ghostscript("pdfimage24", "-r72"), (WHOLE,)),
    Maker("gs pclm", Language.PDF, by_ghostscript("pclm", "-r150"), (PLAIN,)),
    Maker("gs ps2write", Language.POSTSCRIPT, by_ghostscript("ps2write"), (WHOLE, GREY)),
    Maker("pdftops", Language.POSTSCRIPT, by_program("pdftops", "IN", "OUT"), (PLAIN,)),
    Maker(
        "pdftops, CUPS",
        Language.POSTSCRIPT,
        by_cups_filter("pdftops", "application/pdf", "application/postscript"),
        (PLAIN,),
    ),
    Maker(
        "pdftocairo -ps",
        Language.POSTSCRIPT,
        by_program("pdftocairo", "-ps", "-origpagesizes", "IN", "OUT"),
        (WHOLE,),
    ),
    Maker("gs eps2write", Language.EPS, by_ghostscript("eps2write"), (ONE,), doubt="it has no showpage"),
    Maker("pdftocairo -eps", Language.EPS, by_program("pdftocairo", "-eps", "IN", "OUT"), (ONE,)),
    Maker("gs ljet4", Language.PCL, by_ghostscript("ljet4", "-r150"), (DARK, COPIES), mono=True),
    Maker("gs ljet4d", Language.PCL, by_ghostscript("ljet4d", "-r150"), (BOTH,), mono=True),
    Maker("gs ljet3", Language.PCL, by_ghostscript("ljet3", "-r150"), (PLAIN,), mono=True),
    Maker("gs laserjet", Language.PCL, by_ghostscript("laserjet", "-r150"), (PLAIN,), mono=True),
    Maker("gs djet500", Language.PCL, by_ghostscript("djet500", "-r150"), (PLAIN,), mono=True),
    Maker("gs cljet5c", Language.PCL, by_ghostscript("cljet5c", "-r150"), (PLAIN,)),
    Maker("gs cdj550", Language.PCL, by_ghostscript("cdj550", "-r150"), (PLAIN,)),
    # Ghostscript 10.00 says of every page of PCL XL that it comes on a front (DuplexPageSide), and so it does:
    # OpenPrinting's cups-filters, issue 575, "pxlcolor no longer prints Duplex".
    Maker(
        "gs pxlmono",
        Language.PCL_XL,
        by_ghostscript("pxlmono", "-r150"),
        (WHOLE, COPIES, TWO_SIDED),
        mono=True,
        comes_out=Book.on_fronts,
    ),
    Maker(
        "gs pxlcolor",
        Language.PCL_XL,
        by_ghostscript("pxlcolor", "-r150"),
        (WHOLE, COPIES, TWO_SIDED),
        comes_out=Book.on_fronts,
    ),
    Maker(
        "gs pxlcolor, two-sided copies",
        Language.PCL_XL,
        by_ghostscript("pxlcolor", "-r150"),
        (BOTH,),
        doubt="its pages of several copies choose their side",
    ),
    Maker("gs lj5mono", Language.PCL_XL, by_ghostscript("lj5mono", "-r150"), (PLAIN,), mono=True),
    Maker("gs lj5gray", Language.PCL_XL, by_ghostscript("lj5gray", "-r100"), (PLAIN,), mono=True),
    Maker("gs pwgraster", Language.PWG_RASTER, by_ghostscript("pwgraster", *RGB_RASTER), (WHOLE, *JOBS)),
    Maker("gs pwgraster, grey", Language.PWG_RASTER, by_ghostscript("pwgraster", "-r100"), (DARK,), mono=True),
    Maker("gstoraster", Language.PWG_RASTER, by_cups_filter("gstoraster", *PDF_TO_RASTER), (LETTERS,)),
    Maker("pdftoraster", Language.PWG_RASTER, by_cups_filter("pdftoraster", *PDF_TO_RASTER), (LETTERS,)),
    Maker("gs urf", Language.URF, by_ghostscript("urf", *RGB_RASTER), (WHOLE, PLAIN)),
    Maker("gs cups", Language.CUPS_RASTER, by_ghostscript("cups", *RGB_RASTER), (WHOLE, *JOBS)),
    Maker("gs xpswrite", Language.XPS, by_ghostscript("xpswrite"), (MARKED, GREY, PLAIN)),
    Maker("gs jpeg", Language.JPEG, by_ghostscript("jpeg", "-r72"), (ONE,)),
    Maker("gs jpegcmyk", Language.JPEG, by_ghostscript("jpegcmyk", "-r72"), (ONE,)),
    Maker("gs jpeggray", Language.JPEG, by_ghostscript("jpeggray", "-r72"), (ONE,), mono=True),
    Maker("gs png256", Language.PNG, by_ghostscript("png256", "-r72"), (ONE,)),
    Maker("gs pngmonod", Language.PNG, by_ghostscript("pngmonod", "-r72"), (ONE,), mono=True),
    Maker("gs png16m", Language.PNG, by_ghostscript("png16m", "-r72"), (ONE,)),
    Maker("gs tiff24nc", Language.TIFF, by_ghostscript("tiff24nc", "-r72"), (ON_A4,)),
    Maker("gs tiff32nc", Language.TIFF, by_ghostscript("tiff32nc", "-r72"), (ON_A4,)),
    Maker("gs tiffgray", Language.TIFF, by_ghostscript("tiffgray", "-r72"), (GREY,), mono=True),
    Maker("gs tiffg4", Language.TIFF, by_ghostscript("tiffg4", "-r100"), (PLAIN,), mono=True),
    Maker("gs tifflzw", Language.TIFF, by_ghostscript("tifflzw", "-r100"), (PLAIN,), mono=True),
    Maker("gzip of gs urf", Language.URF, packed(by_ghostscript("urf", *RGB_RASTER), gzip.compress), (PLAIN,)),
    Maker("PJL around reportlab", Language.PDF, in_pjl(itself), (WHOLE, *JOBS)),
    Maker("plotted", Language.HPGL, plotted, (PLAIN,)),
    Maker("typed", Language.TEXT, typed, (TEXT,)),
    Maker("deflate of reportlab", Language.PDF, packed(itself, zlib.compress), (WHOLE,)),
)


def pdf_of(book: Book, folder: Path) -> Path:
    """The book as it is made first."""
    return make_pdf(folder / "book.pdf", book.leaves)
