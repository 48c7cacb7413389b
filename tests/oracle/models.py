"""The reference models, by effnet's architecture names."""


def create(name, classes=1000, channels=3):
    """(model, family) of the framework that the name belongs to."""
    if name.startswith("efficientnet-"):
        if "lite" in name:
            from efficientnet_lite_pytorch import EfficientNet
        else:
            from efficientnet_pytorch import EfficientNet
        model = EfficientNet.from_name(name, in_channels=channels,
                                       num_classes=classes)
        return model.eval(), "lp" if "lite" in name else "lm"
    if (name.startswith(("efficientnet_b", "efficientnet_v2_")) and
            name != "efficientnet_b8" and "pruned" not in name):
        return torchvision_model(name, classes, channels), "torchvision"
    import timm
    model = timm.create_model(name, num_classes=classes, in_chans=channels)
    return model.eval(), "timm"


def torchvision_model(name, classes, channels):
    import torch
    import torchvision

    model = getattr(torchvision.models, name)(num_classes=classes)
    if channels != 3:
        stem = model.features[0][0]
        model.features[0][0] = torch.nn.Conv2d(
            channels, stem.out_channels, 3, 2, 1, bias=False)
    return model.eval()


def embedding(model, family, x):
    """The pooled embedding."""
    if family == "torchvision":
        return model.avgpool(model.features(x)).flatten(1)
    if family == "timm":
        return model.forward_head(model.forward_features(x), pre_logits=True)
    return model._avg_pooling(model.extract_features(x)).flatten(1)
