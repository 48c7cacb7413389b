#!/usr/bin/env python3
"""Convert the frameworks' own models, and load them strictly where they went.

    python3 check_convert.py EFFNET

Run by hand.  Each model has random weights and batch-norm statistics; its
state_dict goes through `effnet convert` to every naming that can express it,
into that framework's model with load_state_dict(strict=True), and both models'
outputs are compared in double.  Exits with 1 where a load fails or outputs
differ by more than 1e-12 of the largest.
"""

import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file

import frameworks

TV, TIMM, HF = "torchvision", "timm", "transformers"

# Source: framework, name, arguments, effnet's --arch, size; targets: naming,
# framework, name, arguments.
CASES = [
    ((TV, "efficientnet_b0", {}, "efficientnet_b0", 224), [
        ("torchvision", TV, "efficientnet_b0", {}),
        ("timm", TIMM, "efficientnet_b0", {})]),
    ((TV, "efficientnet_v2_s", {}, "efficientnet_v2_s", 128), [
        ("torchvision", TV, "efficientnet_v2_s", {}),
        ("timm", TIMM, "efficientnetv2_s", {"bn_eps": 1e-3})]),
    ((TIMM, "tf_efficientnet_b0", {}, "tf_efficientnet_b0", 224), [
        ("timm", TIMM, "tf_efficientnet_b0", {}),
        ("lm", "lm", "efficientnet-b0", {}),
        ("hf", HF, "b0", {})]),
    ((TIMM, "efficientnet_b0", {}, "efficientnet_b0", 224), [
        ("torchvision", TV, "efficientnet_b0", {}),
        ("timm", TIMM, "efficientnet_b0", {})]),
    ((TIMM, "efficientnet_lite0", {}, "efficientnet_lite0", 224), [
        ("timm", TIMM, "efficientnet_lite0", {})]),
    ((TIMM, "tf_efficientnet_lite0", {}, "tf_efficientnet_lite0", 224), [
        ("timm", TIMM, "tf_efficientnet_lite0", {}),
        ("lm", "lp", "efficientnet-lite0", {})]),
    ((TIMM, "efficientnetv2_rw_t", {}, "efficientnetv2_rw_t", 128), [
        ("timm", TIMM, "efficientnetv2_rw_t", {})]),
    ((TIMM, "efficientnet_es", {}, "efficientnet_es", 128), [
        ("timm", TIMM, "efficientnet_es", {})]),
    (("lm", "efficientnet-b0", {}, "efficientnet-b0", 224), [
        ("lm", "lm", "efficientnet-b0", {}),
        ("timm", TIMM, "tf_efficientnet_b0", {}),
        ("hf", HF, "b0", {})]),
    (("lm", "efficientnet-b2", {}, "efficientnet-b2", 260), [
        ("lm", "lm", "efficientnet-b2", {}),
        ("hf", HF, "b2", {})]),
    ((HF, "b0", {}, None, 224), [
        ("hf", HF, "b0", {}),
        ("lm", "lm", "efficientnet-b0", {}),
        ("timm", TIMM, "tf_efficientnet_b0", {})]),
]


def convert(command, source, out, names, dtype, architecture):
    words = [command, "convert", source, "-o", out, "--names", names,
             "--dtype", dtype]
    if architecture:
        words += ["--arch", architecture]
    subprocess.run(words, check=True)


def same_rounding(command, source, state, architecture, folder):
    """f16 and bf16 as torch rounds them."""
    for dtype, torch_dtype in (("f16", torch.float16),
                               ("bf16", torch.bfloat16)):
        out = folder / f"{dtype}.safetensors"
        convert(command, source, out, "own", dtype, architecture)
        found = load_file(out)
        assert found.keys() == state.keys()
        for key, value in state.items():
            if value.is_floating_point():
                assert torch.equal(found[key], value.to(torch_dtype)), key


def from_pretrained(out, folder, name):
    """A folder as transformers has them."""
    from transformers import EfficientNetForImageClassification
    frameworks.transformers_config(name).save_pretrained(folder)
    (folder / "model.safetensors").write_bytes(out.read_bytes())
    _, info = EfficientNetForImageClassification.from_pretrained(
        folder, output_loading_info=True)
    assert not info["missing_keys"], info
    assert not info["unexpected_keys"], info


def main():
    command, worst = sys.argv[1], 0.0
    for seed, (source, targets) in enumerate(CASES):
        framework, name, arguments, architecture, size = source
        model = frameworks.randomise(
            frameworks.create(framework, name, **arguments), seed)
        x = frameworks.picture(size)
        expected = frameworks.logits(model, x)
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            torch.save(model.state_dict(), folder / "in.pth")
            same_rounding(command, folder / "in.pth", model.state_dict(),
                          architecture, folder)
            for names, theirs, target, more in targets:
                out = folder / f"{names}.safetensors"
                convert(command, folder / "in.pth", out, names, "f32",
                        architecture)
                other = frameworks.create(theirs, target, **more)
                other.load_state_dict(load_file(out), strict=True)
                if theirs == HF:
                    from_pretrained(out, folder / "hub", target)
                found = frameworks.relative(frameworks.logits(other, x),
                                            expected)
                worst = max(worst, found)
                print(f"{framework:12} {name:22} -> {names:12} {target:22} "
                      f"{found:.1e}", flush=True)
    print(f"largest difference {worst:.1e}")
    sys.exit(worst > 1e-12)


if __name__ == "__main__":
    main()
