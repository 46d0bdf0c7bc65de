"""Puts our part into a cluster's configuration and leaves everything else as it is: what the engine wrote, what an
administrator added, which hosts are drained.

What is ours is listed in a property of the cluster, so that it can be taken away when the topology no longer has it.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from everprint.cluster.compilation.cib import configuration
from everprint.cluster.compilation.xml import written
from everprint.cluster.topology.model import Topology

OWNED = "everprint-owned"
"""The property that lists the ids of what we wrote."""

_PROPERTIES = "cib-bootstrap-options"
_SECTIONS = ("resources", "constraints", "fencing-topology")


class Unreadable(Exception):
    """The configuration that a host told is no CIB's."""


def merged(live: str, topology: Topology | None) -> str:
    """The configuration (`<configuration>`) as it must be; without a topology, with nothing of ours.

    Raises Unreadable.
    """
    try:
        root = ET.fromstring(live)  # noqa: S314 (of the engine's own program, read within a bound)
    except ET.ParseError as error:
        raise Unreadable(f"the cluster's configuration is no XML: {error}") from error
    if root.tag != "configuration":
        raise Unreadable(f"the cluster's configuration begins with <{root.tag}>")
    ours = configuration(topology) if topology else ET.Element("configuration")
    owned = set((_property(root, OWNED) or "").split())
    for name in _SECTIONS:
        _replace(_section(root, name), ours.find(name), owned)
    fencing = _section(root, "fencing-topology")
    if not len(fencing):
        root.remove(fencing)
    if topology:
        _set_properties(root, ours)
        _set_capacities(_section(root, "nodes"), _section(ours, "nodes"))
        _set_defaults(root, ours)
        _set_property(root, OWNED, " ".join(_ids(ours)))
    return written(root)


def normal(configuration_xml: str) -> str:
    """The configuration in one spelling, to compare. Raises Unreadable."""
    try:
        return written(_stripped(ET.fromstring(configuration_xml)))  # noqa: S314 (as above)
    except ET.ParseError as error:
        raise Unreadable(f"the cluster's configuration is no XML: {error}") from error


def _stripped(root: ET.Element) -> ET.Element:
    for element in root.iter():
        element.text = element.tail = None
        attributes = sorted(element.attrib.items())
        element.attrib.clear()
        element.attrib.update(attributes)
    return root


def _ids(ours: ET.Element) -> list[str]:
    return [one.get("id", "") for name in _SECTIONS for one in (ours.find(name) or ())]


def _replace(section: ET.Element, ours: ET.Element | None, owned: set[str]) -> None:
    """Ours in the place where they were, new ones at the end: the order of others is no business of ours."""
    mine = {one.get("id", ""): one for one in (() if ours is None else ours)}
    kept = []
    for old in section:
        identity = old.get("id", "")
        if identity in mine:
            kept.append(mine.pop(identity))
        elif identity not in owned:
            kept.append(old)
    section[:] = [*kept, *mine.values()]


def _set_properties(root: ET.Element, ours: ET.Element) -> None:
    for pair in ours.iterfind(f"crm_config/cluster_property_set[@id='{_PROPERTIES}']/nvpair"):
        _set_property(root, pair.get("name", ""), pair.get("value", ""))


def _set_property(root: ET.Element, name: str, value: str) -> None:
    config = _section(root, "crm_config")
    found = config.find(f"cluster_property_set[@id='{_PROPERTIES}']")
    if found is None:
        found = ET.SubElement(config, "cluster_property_set", {"id": _PROPERTIES})
    pair = found.find(f"nvpair[@name='{name}']")
    if pair is None:
        pair = ET.SubElement(found, "nvpair", {"id": f"{_PROPERTIES}-{name}", "name": name})
    pair.set("value", value)


def _property(root: ET.Element, name: str) -> str | None:
    pair = root.find(f"crm_config/cluster_property_set[@id='{_PROPERTIES}']/nvpair[@name='{name}']")
    return None if pair is None else pair.get("value")


def _set_capacities(live: ET.Element, ours: ET.Element) -> None:
    """Only how much a host has; who is drained stays drained. Hosts that never joined are added by the engine."""
    for mine in ours:
        node = live.find(f"node[@uname='{mine.get('uname')}']")
        if node is None:
            live.append(mine)
            continue
        kept = [one for one in node if one.tag != "utilization"]
        node[:] = [*mine.findall("utilization"), *kept]


def _set_defaults(root: ET.Element, ours: ET.Element) -> None:
    live, mine = _section(root, "rsc_defaults"), _section(ours, "rsc_defaults")
    for one in mine:
        for old in live.findall(f"meta_attributes[@id='{one.get('id')}']"):
            live.remove(old)
        live.append(one)


def _section(root: ET.Element, name: str) -> ET.Element:
    found = root.find(name)
    return ET.SubElement(root, name) if found is None else found
