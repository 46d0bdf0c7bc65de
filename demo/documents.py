"""The documents of the demo, made anew each time: what they hold is known because it is written here."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, HexColor, black, grey, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

WIDTH, HEIGHT = A4
MARGIN = 64
REPORT_PAGES, REPORT_CHARTS = 6, (2, 5)
SCRIPT_PAGES, CATALOGUE_PAGES = 9, 30

_TEXT = (
    "Printing went on while a server was replaced, a cable was pulled and a cleaner needed the socket. Nobody "
    "noticed, which is the nicest thing that can be said of a print service. Pages were counted as they came out, "
    "charged once, and what did not come out was not charged at all. The paper that was saved by printing on both "
    "sides would reach the top of the clock tower, which nobody has checked."
)
_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11.5, leading=16)
_COLOURS = [HexColor(code) for code in ("#1c62b9", "#e4572e", "#17a398", "#f3a712", "#8f3985", "#a8c686")]


def make_report(path: Path) -> None:
    """Six pages of text; pages 2 and 5 have a chart in colour, the rest is black."""
    pdf = _begin(path, "Annual report")
    for number in range(1, REPORT_PAGES + 1):
        _heading(pdf, "Annual report" if number == 1 else f"{number}. What the year brought")
        below = _paragraphs(pdf, HEIGHT - 150, 2 if number in REPORT_CHARTS else 4)
        if number in REPORT_CHARTS:
            _chart(pdf, below - 240, shift=number)
        _end_page(pdf, number)
    pdf.save()


def make_script(path: Path) -> None:
    """Nine pages of a play, all black."""
    pdf = _begin(path, "School play")
    lines = [
        ("FIRST CLERK", "Is it the printer, or is it us?"),
        ("SECOND CLERK", "It hums. A thing that hums is thinking."),
        ("FIRST CLERK", "Then it has thought since Tuesday."),
        ("THE PRINTER", "I was out of paper. Nobody asked."),
    ]
    for number in range(1, SCRIPT_PAGES + 1):
        _heading(pdf, "The Silent Spooler" if number == 1 else f"Scene {number}")
        y = HEIGHT - 160
        for turn in range(12):
            speaker, says = lines[(number + turn) % len(lines)]
            pdf.setFont("Courier-Bold", 11)
            pdf.drawString(MARGIN, y, speaker)
            pdf.setFont("Courier", 11)
            pdf.drawString(MARGIN + 110, y, says)
            y -= 46
        _end_page(pdf, number)
    pdf.save()


def make_catalogue(path: Path) -> None:
    """Thirty pages, all of them in colour."""
    pdf = _begin(path, "Catalogue")
    for number in range(1, CATALOGUE_PAGES + 1):
        pdf.setFillColor(_COLOURS[number % len(_COLOURS)])
        pdf.rect(0, HEIGHT - 260, WIDTH, 260, stroke=0, fill=1)
        pdf.setFillColor(white)
        pdf.setFont("Helvetica-Bold", 34)
        pdf.drawString(MARGIN, HEIGHT - 150, f"Garden chairs, page {number}")
        _paragraphs(pdf, HEIGHT - 310, 3)
        _end_page(pdf, number)
    pdf.save()


def make_photo(path: Path) -> None:
    """A sunset over the sea, as a camera would store it."""
    width, height = 1800, 1200
    horizon = int(height * 0.62)
    photo = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(photo)
    for y in range(height):
        above = min(1.0, y / horizon)
        sky = (int(40 + 215 * above), int(50 + 110 * above), int(120 - 40 * above))
        sea = (int(90 - 60 * (y - horizon) / height), 60, int(110 - 30 * (y - horizon) / height))
        draw.line([(0, y), (width, y)], fill=sky if y < horizon else sea)
    draw.ellipse((820, horizon - 230, 1120, horizon + 70), fill=(255, 214, 120))
    draw.rectangle((0, horizon, width, horizon + 75), fill=(92, 60, 108))
    for wave in range(40):
        y = horizon + 12 + wave * 11
        half = 150 + 60 * math.sin(wave * 1.7)
        draw.line([(970 - half, y), (970 + half, y)], fill=(240, 170, 96), width=3)
    photo.filter(ImageFilter.GaussianBlur(2)).save(path, "JPEG", quality=90, dpi=(300, 300))


def _begin(path: Path, title: str) -> Canvas:
    pdf = Canvas(str(path), pagesize=A4, invariant=True)
    pdf.setTitle(title)
    return pdf


def _heading(pdf: Canvas, text: str) -> None:
    pdf.setFillColor(black)
    pdf.setFont("Helvetica-Bold", 22)
    pdf.drawString(MARGIN, HEIGHT - 100, text)
    pdf.setStrokeColor(grey)
    pdf.line(MARGIN, HEIGHT - 112, WIDTH - MARGIN, HEIGHT - 112)


def _paragraphs(pdf: Canvas, top: float, number: int) -> float:
    """Draws them from there on down; where they end."""
    for _ in range(number):
        paragraph = Paragraph(_TEXT, _BODY)
        _, height = paragraph.wrap(WIDTH - 2 * MARGIN, HEIGHT)
        paragraph.drawOn(pdf, MARGIN, top - height)
        top -= height + 14
    return top


def _chart(pdf: Canvas, bottom: float, shift: int) -> None:
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 30, 30, WIDTH - 2 * MARGIN - 40, 180
    chart.data = [[40 + 30 * math.sin(month + shift) for month in range(12)]]
    chart.valueAxis.valueMin = 0
    chart.categoryAxis.categoryNames = [date(2000, month, 1).strftime("%b") for month in range(1, 13)]
    for month in range(12):
        chart.bars[0, month].fillColor = _COLOURS[month % len(_COLOURS)]
        chart.bars[0, month].strokeColor = Color(0, 0, 0, alpha=0)
    drawing = Drawing(WIDTH - 2 * MARGIN, 230)
    drawing.add(chart)
    drawing.drawOn(pdf, MARGIN, bottom)


def _end_page(pdf: Canvas, number: int) -> None:
    pdf.setFillColor(black)
    pdf.setFont("Helvetica", 9)
    pdf.drawCentredString(WIDTH / 2, 36, str(number))
    pdf.showPage()
