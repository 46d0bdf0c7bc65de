"""Version 1 of the API: its areas, their paths below /api/v1, and its OpenAPI document."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.urls import path as django_path
from ninja import NinjaAPI

from everprint.server.access.declare import declare_by_method
from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area, Declared
from everprint.server.api.document import openapi_document
from everprint.server.api.endpoints import (
    accounts,
    audit_log,
    cards,
    charging,
    clusters,
    dashboard,
    directory,
    doctor,
    groups,
    jobs,
    ledger_audit,
    mails,
    me,
    notifications,
    oidc_providers,
    payments,
    printer_groups,
    printer_import,
    printer_snmp,
    providers,
    purses,
    quota_exceptions,
    release,
    report_mails,
    reports,
    roles,
    rules,
    second_factor,
    shared_accounts,
    sign_ins,
    stations,
    topping_up,
    user_import,
    users,
    voucher_import,
    vouchers,
    workplaces,
)
from everprint.server.api.problem import answer_problems
from everprint.server.api.refusal import answer

VERSION = "1"
AREAS: dict[str, Area] = {
    "me": me.area,
    "me/second-factor": second_factor.area,
    "users": users.area,
    "dashboard": dashboard.area,
    "users/import": user_import.area,
    "departments": workplaces.departments_area,
    "offices": workplaces.offices_area,
    "cards": cards.area,
    "sign-ins": sign_ins.area,
    "directory": directory.area,
    "groups": groups.area,
    "roles": roles.area,
    "accounts": accounts.area,
    "ledger-audit": ledger_audit.area,
    "charging": charging.area,
    "shared-accounts": shared_accounts.area,
    "quotas": topping_up.quotas_area,
    "quotas/exceptions": quota_exceptions.area,
    "vouchers": vouchers.area,
    "vouchers/import": voucher_import.area,
    "payments": payments.area,
    "transfers": topping_up.transfers_area,
    "refunds": topping_up.refunds_area,
    "settings": topping_up.settings_area,
    "printers": printer_snmp.area,  # which are printers' own, their presets, and how they are asked
    "printers/import": printer_import.area,
    "printer-groups": printer_groups.area,
    "rules": rules.area,
    "providers": providers.area,
    "jobs": jobs.area,
    "release": release.area,
    "release/stations": stations.area,
    "reports": reports.area,
    "saved-reports": reports.saved_area,
    "report-mails": report_mails.area,
    "audit-log": audit_log.area,
    "notifications": notifications.area,
    "mails": mails.area,
    "doctor": doctor.area,
    "clusters": clusters.area,
    "oidc-providers": oidc_providers.area,
    "purses": purses.area,
}

document_area = Area("Me, and this API")


@document_area.get("/openapi.json", dict[str, object], needs=Permission.USE_OWN)
def get_openapi_document(request: HttpRequest) -> HttpResponse:
    """Get the OpenAPI document of this API."""
    return JsonResponse(document())


@functools.cache
def _assembled() -> NinjaAPI:
    api = NinjaAPI(title="Everprint", version=VERSION, urls_namespace="everprint-v1", docs_url=None, openapi_url=None)
    answer_problems(api)
    api.add_router("", document_area.router)
    for path, area in AREAS.items():
        api.add_router(f"/{path}", area.router)
    return api


@functools.cache
def document() -> dict[str, object]:
    """The OpenAPI document, the same for everybody who may read it."""
    return openapi_document(_assembled())


def declared() -> list[Declared]:
    """Every endpoint, with its method and the permission it needs."""
    return [endpoint for area in (document_area, *AREAS.values()) for endpoint in area.declared]


@functools.cache
def url_patterns() -> list[URLPattern]:
    """Every path once, its view declaring for each method who may call it. What is declared nowhere has no path."""
    by_operation = {endpoint.operation: endpoint for endpoint in declared()}
    assert len(by_operation) == len(declared()), "two endpoints have the same name"
    paths: dict[str, URLPattern] = {}
    needs: dict[str, dict[str, Permission]] = {}
    for pattern in _assembled().urls[0]:
        assert isinstance(pattern, URLPattern)
        if pattern.name not in by_operation:
            continue  # ninja's own root page
        endpoint = by_operation[pattern.name]
        paths.setdefault(str(pattern.pattern), pattern)
        needs.setdefault(str(pattern.pattern), {})[endpoint.method] = endpoint.needs
    return [django_path(route, _view(pattern.callback, needs[route])) for route, pattern in paths.items()]


def _view(
    answer_it: Callable[..., HttpResponseBase], needs: Mapping[str, Permission]
) -> Callable[..., HttpResponseBase]:
    """A path's view: not exempt from the CSRF check (ninja exempts all), and with a problem for other methods."""

    def view(request: HttpRequest, **named: object) -> HttpResponseBase:
        if request.method not in needs:
            response = answer(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method-not-allowed",
                f"Here only {', '.join(sorted(needs))} can be asked.",
            )
            response["Allow"] = ", ".join(sorted(needs))
            return response
        return answer_it(request, **named)

    declare_by_method(view, needs)
    return view
