"""Rows of the name table: what the network inspector makes, which has no mirror."""

from __future__ import annotations

from collections.abc import Iterator

from latelier.runs.naming import ArtifactSpec
from latelier.runs.rows import JSON, PNG, asked

_FORWARD = "network/forward/epoch_{epoch}/idx_{idx}/"
_LAYER = _FORWARD + "layer_{layer_id}/"
_INSPECT = "network/inspect/epoch_{epoch}/idx_{idx}/layer_{layer_id}/ch_{c}/"
_CONV_STEP = "network/conv_step/epoch_{epoch}/idx_{idx}/layer_{layer_id}/out_{c}/x_{x}_y_{y}/"
_KERNEL = "network/kernels/epoch_{epoch}/layer_{layer_id}/out_{c}/"
_PERTURB = "network/perturb/epoch_{epoch}/idx_{idx}/vector_{key}/dim_{d}/delta_{delta}/"
_TOPK = "network/topk/epoch_{epoch}/layer_{layer_id}/ch_{c}/metric_{metric}/subset_{n}/k_{k}/"


def forward_files() -> Iterator[ArtifactSpec]:
    """Yield what one forward pass of one example gives."""
    draw = ("seed", "sample")
    yield asked("forward_input", _FORWARD + "input.png", PNG, "The example.")
    yield asked("forward_recon", _FORWARD + "recon.png", PNG, "Its reconstruction.", *draw)
    yield asked("forward_layers", _FORWARD + "layers.json", JSON, "The layers, in order.", *draw)
    yield asked("forward_latent", _FORWARD + "latent.json", JSON, "Its latent vectors.", *draw)
    yield asked("forward_meta", _FORWARD + "forward_meta.json", JSON, "How it was made.", *draw)
    yield asked("layer_summary", _LAYER + "summary.json", JSON, "Shape and range.", *draw)
    yield asked("layer_grid", _LAYER + "grid.png", PNG, "All channels of a layer.", *draw)
    yield asked("layer_vector", _LAYER + "vector.png", PNG, "A layer without space.", *draw)


def inspector_files() -> Iterator[ArtifactSpec]:
    """Yield what is seen of a channel, a convolution, a pushed latent, and what excites it."""
    draw = ("seed", "sample")
    probe = ("x", "y", *draw)
    yield asked(
        "channel_inspect", _INSPECT + "inspect.json", JSON, "One channel, with a probe.", *probe
    )
    for name, kind, description in (
        ("channel", "channel_image", "One channel, in gray."),
        ("heat_rgba", "channel_heat", "One channel, as heat with transparency."),
        ("overlay", "channel_overlay", "The heat over the input."),
    ):
        yield asked(kind, _INSPECT + f"{name}.png", PNG, description, *probe)
    yield asked(
        "conv_step", _CONV_STEP + "conv_step.json", JSON, "One output of a convolution, by hand."
    )
    yield asked("perturb_recon", _PERTURB + "recon.png", PNG, "Decoded after the push.", *draw)
    yield asked("perturb_meta", _PERTURB + "meta.json", JSON, "What was pushed.", *draw)
    yield asked("topk", _TOPK + "topk.json", JSON, "Examples that excite a channel most.")
    yield asked("topk_input", _TOPK + "input_{dataset_idx}.png", PNG, "One of those examples.")


def kernel_files() -> Iterator[ArtifactSpec]:
    """Yield what is seen of a kernel."""
    for kind, name, media_type, description in (
        ("kernel", "kernel.json", JSON, "Weights of a kernel with one input channel."),
        ("kernel_image", "kernel.png", PNG, "Those weights, as a picture."),
        ("kernel_agg", "kernel_agg.json", JSON, "Strength over all input channels."),
        ("kernel_agg_image", "kernel_agg.png", PNG, "That strength, as a picture."),
        ("kernel_top_in_channels", "top_in_channels.json", JSON, "Strongest input channels."),
        ("kernel_in_channel", "kernel_in_{in_channel}.png", PNG, "Weights from one of them."),
    ):
        yield asked(kind, _KERNEL + name, media_type, description)
