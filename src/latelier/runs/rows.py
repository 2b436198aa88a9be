"""How rows of the name table are written: one function per sort of file."""

from __future__ import annotations

from latelier.runs.naming import ArtifactSpec

JSON = "application/json"
NDJSON = "application/x-ndjson"
PNG = "image/png"
CSV = "text/csv"
SAFETENSORS = "application/octet-stream"


def record(kind: str, name: str, media_type: str, description: str) -> ArtifactSpec:
    """Return the row of: a file of the run itself: what it is, what happened, who writes it."""
    return ArtifactSpec(kind, name, None, media_type, description, record=True)


def once(kind: str, name: str, media_type: str, description: str) -> ArtifactSpec:
    """Return the row of: an artifact that a run has once."""
    return ArtifactSpec(kind, name, None, media_type, description)


def epochs(
    kind: str, pattern: str, media_type: str, description: str, *options: str
) -> ArtifactSpec:
    """Return the row of: an artifact per epoch, with a copy of the latest."""
    latest = pattern.replace("epoch_{epoch}", "latest")
    return ArtifactSpec(kind, pattern, latest, media_type, description, options=options)


def asked(
    kind: str,
    pattern: str,
    media_type: str,
    description: str,
    *options: str,
    latest: str | None = None,
) -> ArtifactSpec:
    """Return the row of: an artifact that is made on request."""
    return ArtifactSpec(kind, pattern, latest, media_type, description, True, options)
