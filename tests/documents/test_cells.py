"""Each cell of the tables in docs/reference/documents.md has tests that keep it true.

CELLS names them: by language and column, `file: test test; file: test`, where a file `pdf` is test_pdf.py. A new
row, column or cell in the docs makes this fail until its tests are named here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "docs" / "reference" / "documents.md"

CELLS: dict[str, dict[str, str]] = {
    "PDF": {
        "pages": "pdf: test_each_page_has_its_own_size_and_colour "
        "test_a_page_tree_that_lies_about_its_count_is_walked "
        "test_the_count_is_what_pdfinfo_and_qpdf_count; pdf_catalog: test_pclm_is_a_pdf",
        "paper size": "pdf: test_the_crop_box_is_the_page test_rotation_turns_the_page "
        "test_the_user_unit_scales_the_page; pdf_structure: test_boxes_of_all_kinds test_a_box_is_inherited",
        "colour": "pdf: test_what_is_on_a_page_decides_its_colour test_only_annotations_that_print_count; "
        "pdf_colour: test_colour_is_what_is_seen test_small_coloured_things_are_not_lost",
        "estimated when": "pdf: test_a_repaired_file_says_so test_what_was_cut_off_is_never_exact "
        "test_a_page_that_takes_too_long_is_estimated test_a_document_that_takes_too_long_is_estimated "
        "test_a_page_tree_that_lies_about_its_count_is_walked; "
        "pdf_structure: test_a_size_that_cannot_be_is_never_exact; "
        "pdf_colour: test_a_photograph_that_we_cannot_decode_is_never_exact "
        "test_a_picture_that_we_cannot_decode_is_never_exact; "
        "pdf_catalog: test_what_the_printer_is_to_draw_itself_is_never_exact",
        "unknown when": "pdf: test_a_password_is_asked_for test_no_pages_is_unknown_and_never_nothing "
        "test_a_damaged_file_is_an_answer; pdf_structure: test_a_tree_that_is_nested_without_end_is_unknown "
        "test_a_tree_within_itself_is_unknown",
        "sets": "pdf_catalog: test_viewer_preferences_are_its_ticket",
    },
    "PostScript": {
        "pages": "postscript: test_a_loop_of_pages_is_run test_the_pages_comment_is_compared_and_not_believed",
        "paper size": "postscript_device: test_the_paper_is_what_the_program_sets "
        "test_without_a_paper_size_a4_is_assumed_and_said",
        "colour": "postscript: test_what_is_on_a_page_decides_its_colour",
        "estimated when": "postscript: test_a_program_that_fails_has_printed_the_pages_before "
        "test_a_program_without_its_pages_and_its_end_is_doubted; "
        "postscript_device: test_a_program_that_asks_for_the_printer_is_never_exact",
        "unknown when": "postscript: test_a_program_without_a_page_is_unknown_and_never_nothing "
        "test_a_program_that_never_ends_is_stopped; "
        "postscript_device: test_a_program_that_meddles_with_our_device_is_never_exact",
        "sets": "postscript_device: test_what_the_program_sets_for_all_its_pages test_what_it_sets_for_some_of_them",
    },
    "EPS": {
        "pages": "eps: test_several_pages_are_counted_and_remarked test_without_showpage_it_is_printed_only_by_some",
        "paper size": "eps: test_it_comes_out_on_the_paper_that_is_there",
        "colour": "eps: test_what_is_drawn_decides_the_colour",
        "estimated when": "eps: test_without_showpage_it_is_printed_only_by_some "
        "test_a_drawing_that_is_larger_than_the_paper_is_never_exact",
        "unknown when": "eps: test_a_dos_header_that_points_elsewhere_is_unknown",
        "sets": "eps: test_copies_and_sides_of_its_page_device",
    },
    "PWG raster": {
        "pages": "rasters: test_pages_are_counted_though_the_total_is_0 test_rasters_of_ghostscript_whose_total_is_0",
        "paper size": "rasters: test_the_page_size_of_the_header_is_the_paper_where_pixels_leave_margins_out; "
        "raster_settings: test_the_name_of_the_page_size_counts_where_it_fits",
        "colour": "rasters: test_the_pixels_decide test_one_coloured_pixel_is_colour; "
        "raster_looks: test_pwg_and_urf_show_what_they_hold",
        "estimated when": "rasters: test_what_was_cut_off_counts_and_is_estimated test_a_damaged_file_is_an_answer; "
        "raster_looks: test_inks_that_are_not_known_are_doubted_where_there_are_any",
        "unknown when": "rasters: test_no_whole_header_is_unknown test_a_pwg_header_that_cannot_be_is_named",
        "sets": "raster_settings: test_what_all_pwg_headers_say_is_the_documents "
        "test_what_only_some_headers_say_is_their_pages",
    },
    "URF": {
        "pages": "rasters: test_pages_are_counted_though_the_total_is_0",
        "paper size": "rasters: test_a_real_raster test_rasters_of_ghostscript_whose_total_is_0",
        "colour": "rasters: test_the_pixels_decide; raster_looks: test_pwg_and_urf_show_what_they_hold",
        "estimated when": "rasters: test_what_was_cut_off_counts_and_is_estimated; "
        "raster_looks: test_inks_that_are_not_known_are_doubted_where_there_are_any",
        "unknown when": "rasters: test_no_whole_header_is_unknown test_a_urf_header_that_cannot_be_is_named",
        "sets": "raster_settings: test_sides_of_a_urf_header",
    },
    "CUPS raster": {
        "pages": "raster_looks: test_cups_raster_of_ghostscript",
        "paper size": "raster_looks: test_cups_raster_of_ghostscript",
        "colour": "raster_looks: test_cups_raster_shows_what_it_holds",
        "estimated when": "rasters: test_what_was_cut_off_counts_and_is_estimated; "
        "raster_looks: test_inks_that_are_not_known_are_doubted_where_there_are_any "
        "test_colours_stored_plane_by_plane",
        "unknown when": "rasters: test_no_whole_header_is_unknown",
        "sets": "raster_settings: test_cups_headers_say_it_in_both_byte_orders",
    },
    "PCL XL": {
        "pages": "pclxl: test_any_document_is_counted_as_it_was_written test_every_protocol_class_is_read",
        "paper size": "pclxl: test_every_numbered_paper_size_is_exact "
        "test_custom_and_named_sizes_and_orientations_are_exact test_a_page_that_says_nothing_is_like_the_one_before",
        "colour": "pclxl: test_colour_and_blankness_are_exact_where_the_operators_prove_them "
        "test_ghostscripts_pages_are_exactly_what_was_drawn",
        "estimated when": "pclxl: test_paper_that_is_left_open_is_estimated "
        "test_colour_that_may_not_show_is_estimated "
        "test_black_that_may_not_show_is_estimated_but_certainly_grey "
        "test_a_document_cut_anywhere_is_never_exact_with_too_few_pages test_another_language_behind_the_end_is_said",
        "unknown when": "pclxl: test_ascii_streams_are_unknown_by_name test_streams_that_call_each_other_end "
        "test_a_file_without_a_page_is_unknown_and_never_no_pages",
        "sets": "pclxl: test_copies_of_all_pages_are_a_setting_and_others_stay_with_their_page "
        "test_sides_that_change_are_set_for_each_page test_a_side_that_is_left_out_starts_a_sheet",
    },
    "PCL 5": {
        "pages": "pcl: test_any_commands_are_counted_as_they_were_written test_where_pages_end "
        "test_lines_flow_to_the_next_page test_macros_print_when_they_are_used",
        "paper size": "pcl: test_papers test_a_real_file_without_a_paper_size",
        "colour": "pcl: test_colour_is_followed_to_what_is_drawn test_a_colour_printer_of_ghostscript "
        "test_deskjets_and_planes_of_ghostscript",
        "estimated when": "pcl: test_what_is_estimated test_a_paper_that_is_not_known_is_doubted "
        "test_lines_on_unsaid_paper_are_estimated test_wrapping_at_unknown_widths_is_estimated "
        "test_a_rotated_text_that_flows_is_estimated test_an_empty_page_of_a_deskjet_is_doubted "
        "test_an_empty_front_is_doubted",
        "unknown when": "pcl: test_macros_that_multiply_are_stopped test_absurd_values_are_an_answer",
        "sets": "pcl: test_what_all_pages_say_alike_is_of_the_document test_what_pages_say_apart_is_theirs "
        "test_which_pages_start_a_sheet",
    },
    "HP-GL/2": {
        "pages": "hpgl: test_what_is_drawn_and_where_pages_end",
        "paper size": "hpgl: test_paper_that_is_not_said_is_estimated test_a_roll",
        "colour": "hpgl: test_pens_have_the_colours_that_are_said",
        "estimated when": "hpgl: test_paper_that_is_not_said_is_estimated "
        "test_pens_whose_colour_is_not_said_are_estimated test_replots_are_copies_and_estimated",
        "unknown when": "hpgl: test_a_plot_with_nothing_in_it_is_unknown",
        "sets": "hpgl: test_replots_are_copies_and_estimated test_a_roll",
    },
    "PJL": {
        "pages": "pjl: test_documents_are_found test_documents_of_several_languages_in_one_job",
        "paper size": "pjl: test_any_language_may_be_inside "
        "test_the_header_s_paper_does_not_hide_a_document_s_several",
        "colour": "pjl: test_any_language_may_be_inside",
        "estimated when": "pjl: test_parts_finished_apart_are_estimated test_what_the_printer_makes_of_it_is_doubted",
        "unknown when": "pjl: test_a_job_without_a_document_says_so "
        "test_one_document_that_is_unknown_makes_all_unknown "
        "test_a_language_of_which_only_the_name_is_known",
        "sets": "pjl: test_what_a_header_sets test_the_document_itself_says_it_last test_settings_end_with_their_job "
        "test_what_parts_set_apart_goes_to_their_pages",
    },
    "JPEG": {
        "pages": "jpeg: test_the_pixels_decide",
        "paper size": "jpeg: test_a_picture_has_no_paper_and_the_answer_says_so",
        "colour": "jpeg: test_the_pixels_decide test_what_the_mean_of_a_block_hides_is_seen",
        "estimated when": "jpeg: test_a_picture_cut_off_is_estimated "
        "test_a_picture_that_claims_gigapixels_is_not_decoded test_four_inks_with_and_without_adobes_mark",
        "unknown when": "jpeg: test_no_header_is_unknown_and_the_path_is_not_told",
    },
    "PNG": {
        "pages": "png: test_an_animation_is_one_page",
        "paper size": "png: test_pictures_of_ghostscript",
        "colour": "png: test_every_kind_of_pixel_on_white_paper test_one_coloured_pixel_and_a_transparent_colour",
        "estimated when": "png: test_a_picture_cut_off_is_estimated "
        "test_a_picture_that_claims_gigapixels_is_not_decoded",
        "unknown when": "png: test_no_header_is_unknown",
    },
    "TIFF": {
        "pages": "tiff: test_each_picture_is_a_page_in_every_compression test_thumbnails_and_masks_are_no_pages",
        "paper size": "tiff: test_a_picture_has_no_paper_whatever_its_resolution",
        "colour": "tiff: test_every_kind_of_pixel test_four_inks_are_told_as_they_are",
        "estimated when": "tiff: test_directories_in_a_circle_are_counted_once "
        "test_a_picture_that_claims_gigapixels_is_not_decoded test_a_directory_beyond_the_end_is_doubted "
        "test_pages_of_what_only_we_can_read_are_counted test_when_time_is_over_the_rest_is_a_guess",
        "unknown when": "tiff: test_no_directory_is_unknown",
    },
    "plain text": {
        "pages": "text: test_pages_are_those_of_texttopdf_on_letter test_and_on_a4 test_and_of_any_text",
        "paper size": "text: test_paper_is_assumed_and_the_answer_says_so",
        "colour": "text: test_a_real_text test_pages_with_nothing_on_them_are_blank",
        "estimated when": "text: test_exact_only_where_no_printer_can_differ "
        "test_pages_with_nothing_on_them_are_blank",
        "unknown when": "text: test_a_line_without_an_end_and_many_pages",
    },
    "XPS": {
        "pages": "xps: test_a_package_may_be_written_in_many_ways test_a_page_by_ghostscript_is_what_was_drawn",
        "paper size": "xps: test_a_package_may_be_written_in_many_ways test_paper_by_its_keyword "
        "test_a_page_ticket_holds_for_its_page",
        "colour": "xps: test_what_paints_decides test_pictures_are_looked_at test_gradients "
        "test_rectangles_upon_rectangles_are_never_exact_and_wrong",
        "estimated when": "xps: test_what_cannot_be_proved_is_estimated test_colours_of_a_profile test_gradients "
        "test_pictures_are_looked_at test_drawings_as_brushes test_documents_that_disagree_are_estimated "
        "test_a_page_that_is_missing_is_counted_and_estimated",
        "unknown when": "xps: test_a_cut_off_package_is_unknown_and_says_so test_an_encrypted_package_is_unknown "
        "test_an_office_file_is_named test_a_damaged_package_is_an_answer",
        "sets": "xps: test_what_the_job_ticket_says test_a_document_with_duplex_of_its_own_begins_on_a_sheet "
        "test_a_page_ticket_holds_for_its_page test_copies_of_job_and_document_multiply",
    },
    "gzip": {
        "pages": "compressed: test_what_is_within_is_counted test_any_language_may_be_within",
        "estimated when": "compressed: test_a_stream_cut_off_is_never_exact test_damage_is_an_answer "
        "test_something_else_behind_it_is_a_doubt",
        "unknown when": "compressed: test_a_stream_without_anything_is_unknown test_a_bomb_is_not_unpacked "
        "test_the_limit_on_octets test_without_room_on_the_disk_it_is_unknown",
    },
    "languages of one maker": {
        "pages": "maker_languages: test_what_ghostscript_writes_for_a_makers_printers_is_named",
        "unknown when": "maker_languages: test_a_makers_language_is_unknown_by_its_name",
    },
    "GIF": {
        "pages": "detect: test_a_language_is_known_by_its_first_octets",
        "unknown when": "detect: test_a_language_is_known_by_its_first_octets",
    },
    # What the ticket does (From pages to sheets).
    "page-ranges": {"effect": "imposition: test_what_comes_out"},
    "number-up": {"effect": "imposition: test_what_comes_out"},
    "sides": {"effect": "imposition: test_what_comes_out test_what_the_document_sets_for_its_pages"},
    "copies": {"effect": "imposition: test_copies_multiply test_what_comes_out"},
    "media": {"effect": "imposition: test_what_comes_out"},
    "print-color-mode": {
        "effect": "imposition: test_every_grey_mode_takes_the_colour_out test_other_modes_leave_the_colour"
    },
    "imposition-template": {"effect": "imposition: test_a_booklet"},
    "finishings": {"effect": "merge: test_who_has_the_say"},
    "multiple-document-handling": {"effect": "imposition: test_what_a_printer_that_stopped_has_used"},
}

TABLES = ("language", "ticket (IPP attribute)")
"""The first heading of each table whose cells are meant."""


def cells_of_the_docs() -> list[tuple[str, str]]:
    """Row and column of every cell that says something. A row is named by its first words."""
    found = []
    heading: list[str] = []
    for line in REFERENCE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            heading = []
        elif not heading:
            heading = cells
        elif heading[0] in TABLES and not set(line) <= set("|- "):
            for name in _names(cells[0]):
                found += [
                    (name, column)
                    for column, cell in zip(heading[1:], cells[1:], strict=True)
                    if cell not in ("", "-")
                ]
    return found


def _names(first_cell: str) -> list[str]:
    """Rows of CELLS that the row of the docs is about; the cell itself if there is none."""
    names = [name.strip(" `") for name in re.split(r"[(:,]| around | or |(?<=PCL 5)[ec]", first_cell)]
    return [name for name in names if name in CELLS] or [names[0]]


DOCUMENTED = cells_of_the_docs()


@pytest.mark.parametrize(("row", "column"), DOCUMENTED, ids=[f"{row}: {column}" for row, column in DOCUMENTED])
def test_a_cell_is_tested(row: str, column: str) -> None:
    named = CELLS.get(row, {}).get(column)
    assert named, f"name the tests of the cell {column!r} of {row!r} in CELLS"
    for file, tests in (entry.split(":") for entry in named.split(";")):
        source = (HERE / f"test_{file.strip()}.py").read_text("utf-8")
        for test in tests.split():
            assert re.search(rf"^(?:async )?def {test}\(", source, re.MULTILINE), f"test_{file.strip()}.py: {test}"


def test_nothing_is_named_that_the_docs_do_not_say() -> None:
    named = {(row, column) for row, columns in CELLS.items() for column in columns}
    assert named - set(DOCUMENTED) == set()


def test_the_tables_are_found() -> None:
    assert {"pages", "paper size", "colour", "estimated when", "unknown when", "sets", "effect"} == {
        column for _, column in DOCUMENTED
    }
