from __future__ import annotations

from pathlib import Path

import pytest

from latelier.config import ConfigError, Preset, find_preset, load_config, preset, presets
from latelier.timeline import Dopesheet

PRESETS = presets()
EXPECTED = {
    "color/quick",
    "color/regularizers",
    "lab/digits-gmvae",
    "lab/mnist-gmvae",
    "lab/mnist-supervised-ae",
    "lab/mnist5k-gmvae",
    "lab/mnist5k-supervised-ae",
    "library/cifar10-vae",
    "library/digits-beta-tcvae",
    "library/digits-beta-vae",
    "library/digits-denoising-ae",
    "library/digits-dip-vae",
    "library/digits-factor-vae",
    "library/digits-info-vae",
    "library/digits-iwae",
    "library/digits-sparse-ae",
    "library/digits-vamp-vae",
    "library/digits-vq-vae",
    "library/factors-adagvae",
    "library/factors-vae",
    "library/digits-wae-mmd",
    "library/digits-vae",
    "library/mnist5k-ae",
    "library/mnist5k-vae",
    "library/mnist5k-vae-annealed",
}


def test_presets_are_listed_by_name() -> None:
    names = [p.name for p in PRESETS]
    assert set(names) >= EXPECTED
    assert names == sorted(names)


@pytest.mark.parametrize("found", PRESETS, ids=lambda p: p.name)
def test_preset_loads_and_says_what_one_will_see(found: Preset) -> None:
    config = load_config(found.name)
    assert len(found.description) > 60
    assert config.name
    assert load_config(found.path) == config
    # The objective's kind follows the model, so that overriding one key switches both.
    assert "objective.kind" not in found.path.read_text()
    sheet = config.schedule.dopesheet
    if sheet is not None:
        assert isinstance(sheet, tuple)
        assert Dopesheet.from_rows(sheet).phases


@pytest.mark.parametrize("found", PRESETS, ids=lambda p: p.name)
def test_preset_explains_its_kl_weight(found: Preset) -> None:
    text = found.path.read_text()
    assert "KL" in text or "β" in text


@pytest.mark.parametrize("found", PRESETS, ids=lambda p: p.name)
def test_preset_adds_up_where_a_kl_term_is_weighed(found: Preset) -> None:
    config = load_config(found.name)
    if config.model.kind not in ("supervised-ae", "ae"):
        assert config.objective.recon_reduction == "sum"


def test_annealed_preset_has_named_phases() -> None:
    rows = load_config("mnist5k-vae-annealed").schedule.dopesheet
    assert isinstance(rows, tuple)
    sheet = Dopesheet.from_rows(rows)
    assert [name for _, name in sheet.phases] == ["Reconstruct", "Press", "Settle"]
    assert {track.name for track in sheet.tracks} == {"lr", "beta"}
    assert sheet.length == 1440


def test_full_and_short_names_find_the_same() -> None:
    assert find_preset("lab/mnist5k-gmvae") == find_preset("mnist5k-gmvae")


def test_unknown_name_suggests_close_ones() -> None:
    with pytest.raises(ConfigError, match="Did you mean lab/mnist5k-gmvae"):
        find_preset("mnist5k-gmave")


def test_short_name_of_two_presets_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for group in ("a", "b"):
        (tmp_path / group).mkdir()
        (tmp_path / group / "x.yaml").write_text("# First.\n#  Second.\n\n# Not this.\nseed: 1\n")
    monkeypatch.setattr(preset, "preset_folder", lambda: tmp_path)
    with pytest.raises(ConfigError, match="expected a/x or b/x"):
        find_preset("x")
    assert find_preset("b/x").description == "First. Second."


def test_installed_package_has_its_own_presets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "lib" / "latelier" / "config" / "preset.py"
    monkeypatch.setattr(preset, "__file__", str(module))
    with pytest.raises(ConfigError, match="no presets are installed"):
        preset.preset_folder()
    (tmp_path / "configs").mkdir()
    assert preset.preset_folder() == tmp_path / "configs"
    packaged = tmp_path / "lib" / "latelier" / "presets"
    packaged.mkdir(parents=True)
    assert preset.preset_folder() == packaged
