"""The frameworks' own models with random weights: what check_convert.py and
check_matrix.py compare effnet with.
"""

import functools
import math

import torch


def transformers_config(name, epsilon=1e-3, size=None):
    """Of the published model: google/efficientnet-b0 and so on."""
    from transformers import EfficientNetConfig
    width, depth, side, padding = {
        "b0": (1.0, 1.0, 224, [16]), "b1": (1.0, 1.1, 240, [16]),
        "b2": (1.1, 1.2, 260, [5, 8, 16]), "b3": (1.2, 1.4, 300, [5, 18]),
        "b4": (1.4, 1.8, 380, [6])}[name]
    head = max(8, int(1280 * width + 4) // 8 * 8)
    return EfficientNetConfig(
        width_coefficient=width, depth_coefficient=depth,
        image_size=size or side, hidden_dim=head, num_labels=1000,
        depthwise_padding=padding, batch_norm_eps=epsilon)


def create(framework, name, **more):
    """A model in evaluation mode."""
    if framework == "torchvision":
        import torchvision
        if "eps" in more:
            more["norm_layer"] = functools.partial(torch.nn.BatchNorm2d,
                                                   eps=more.pop("eps"))
        model = getattr(torchvision.models, name)(**more)
    elif framework == "timm":
        import timm
        model = timm.create_model(name, **more)
    elif framework == "transformers":
        from transformers import EfficientNetForImageClassification
        model = EfficientNetForImageClassification(
            transformers_config(name, **more))
    else:
        if framework == "lm":
            from efficientnet_pytorch import EfficientNet
        else:
            from efficientnet_lite_pytorch import EfficientNet
        model = EfficientNet.from_name(name, **more)
    return model.eval()


def randomise(model, seed):
    """Activations stay near 1, and no batch norm is trivial."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(tensor, least, most):
        tensor.copy_(torch.rand(tensor.shape, generator=generator)
                     * (most - least) + least)

    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                uniform(module.weight, 0.4, 0.9)
                uniform(module.bias, -0.3, 0.3)
                uniform(module.running_mean, -0.3, 0.3)
                uniform(module.running_var, 0.5, 1.5)
            elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
                fan_in = module.weight[0].numel()
                module.weight.copy_(
                    torch.randn(module.weight.shape, generator=generator)
                    * math.sqrt(2.0 / fan_in))
                if module.bias is not None:
                    uniform(module.bias, -0.3, 0.3)
    return model


def picture(size, channels=3):
    generator = torch.Generator().manual_seed(size)
    return torch.randn((1, channels, size, size), generator=generator)


def logits(model, x):
    """In double, where the library would be exact."""
    was = next(model.parameters()).dtype
    with torch.no_grad():
        found = model.double()(x.double())
    model.to(was)
    return getattr(found, "logits", found)[0]


def relative(found, expected):
    return ((found - expected).abs().max() / expected.abs().max()).item()
