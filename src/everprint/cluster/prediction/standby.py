"""A CIB as it would be with a host drained."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from everprint.cluster.prediction.simulator import CannotPredict


def with_standby(cib: str, host: str, *, standby: bool) -> str:
    """The CIB with the host drained or not, as `crm_attribute --name standby` makes it. Raises CannotPredict."""
    try:
        root = ET.fromstring(cib)  # noqa: S314 (of the engine's own program)
    except ET.ParseError as error:
        raise CannotPredict(f"the configuration is no XML: {error}") from error
    node = root.find(f"configuration/nodes/node[@uname='{host}']")
    if node is None:
        raise CannotPredict(f"the cluster has no host {host}")
    attributes = node.find("instance_attributes")
    if attributes is None:
        attributes = ET.SubElement(node, "instance_attributes", {"id": f"nodes-{host}"})
    for old in attributes.findall("nvpair[@name='standby']"):
        attributes.remove(old)
    value = {"id": f"nodes-{host}-standby", "name": "standby", "value": "on" if standby else "off"}
    ET.SubElement(attributes, "nvpair", value)
    return ET.tostring(root, encoding="unicode")
