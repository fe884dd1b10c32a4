"""PhysNet is the published network, and says what it cannot take."""

import pytest
import torch

from rppg_lab.models.physnet import PhysNet


def parameters_of(model):
    return sum(p.numel() for p in model.parameters())


def test_it_has_the_published_number_of_parameters():
    assert parameters_of(PhysNet()) == 768_577
    assert parameters_of(PhysNet(width=64)) == 768_577


def test_layers_are_as_published():
    """Kernels, channels and activations in the order of figure 2 and the authors' code."""
    model = PhysNet()
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Conv3d | torch.nn.ConvTranspose3d)]
    assert [(layer.in_channels, layer.out_channels, layer.kernel_size) for layer in layers] == [
        (3, 16, (1, 5, 5)),
        (16, 32, (3, 3, 3)),
        (32, 64, (3, 3, 3)),
        *[(64, 64, (3, 3, 3))] * 6,
        *[(64, 64, (4, 1, 1))] * 2,
        (64, 1, (1, 1, 1)),
    ]
    counted = {kind: sum(isinstance(m, kind) for m in model.modules()) for kind in (torch.nn.ReLU, torch.nn.ELU)}
    assert counted == {torch.nn.ReLU: 9, torch.nn.ELU: 2}
    assert sum(isinstance(m, torch.nn.BatchNorm3d) for m in model.modules()) == 11


@pytest.mark.parametrize("shape", [(1, 3, 4, 16, 16), (2, 3, 32, 16, 16), (1, 3, 12, 33, 18)])
def test_every_frame_gets_a_value(shape):
    with torch.inference_mode():
        assert PhysNet(width=8).eval()(torch.randn(shape)).shape == (shape[0], shape[2])


def test_the_spatial_mean_is_the_published_adaptive_pool():
    """The original ends in AdaptiveAvgPool3d((T, 1, 1)); ours must give the same numbers."""
    torch.manual_seed(0)
    model = PhysNet(width=8).eval()
    video = torch.randn(2, 3, 8, 32, 32)
    seen = {}
    handles = [
        model.upsample2.register_forward_hook(lambda _m, _i, out: seen.update(before=out)),
        model.conv10.register_forward_pre_hook(lambda _m, inputs: seen.update(after=inputs[0])),
    ]
    with torch.inference_mode():
        model(video)
    for handle in handles:
        handle.remove()
    torch.testing.assert_close(seen["after"], torch.nn.AdaptiveAvgPool3d((8, 1, 1))(seen["before"]))


def test_the_network_sees_before_and_after_a_frame():
    """Time is mixed in the middle: a change of one frame reaches its neighbours, not the whole clip."""
    torch.manual_seed(0)
    model = PhysNet(width=8).eval()
    video = torch.randn(1, 3, 128, 16, 16)
    changed = video.clone()
    changed[:, :, 64] += 5
    with torch.inference_mode():
        difference = (model(changed) - model(video)).abs()[0]
    assert difference[56] > 0
    assert difference[72] > 0
    assert difference[0] == 0
    assert difference[-1] == 0


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((1, 3, 30, 16, 16), "multiple of 4 frames, not 30: use a clip_length such as 28"),
        ((1, 3, 0, 16, 16), "not 0"),
        ((1, 3, 32, 15, 16), "at least 16×16 pixels, not 15×16"),
        ((1, 3, 32, 16, 8), "not 16×8"),
        ((1, 32, 3, 16, 16), r"\(B, 3, T, H, W\), not \(1, 32, 3, 16, 16\)"),
        ((3, 32, 16, 16), r"not \(3, 32, 16, 16\)"),
    ],
)
def test_input_it_cannot_take_is_explained(shape, says):
    with pytest.raises(ValueError, match=says):
        PhysNet(width=8)(torch.zeros(shape))


@pytest.mark.parametrize("width", [0, -4, 6, 8.0, True])
def test_impossible_width_is_explained(width):
    with pytest.raises(ValueError, match="multiple of 4"):
        PhysNet(width=width)


def test_with_instance_normalisation_a_clip_is_seen_the_same_in_any_company_and_any_light():
    """Nothing is remembered of the clips of the training, and nothing of the neighbours matters."""
    model = PhysNet(width=8, norm="instance")
    assert parameters_of(model) == parameters_of(PhysNet(width=8))
    assert model.settings == {"width": 8, "norm": "instance"}
    torch.manual_seed(0)
    clips = torch.rand(3, 3, 16, 16, 16)
    training, evaluation = model.train()(clips), model.eval()(clips)
    torch.testing.assert_close(training, evaluation)
    torch.testing.assert_close(model(clips[:1]), evaluation[:1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(model(5 * clips[:1]), evaluation[:1], rtol=1e-2, atol=1e-3)


def test_an_unknown_normalisation_is_explained():
    with pytest.raises(ValueError, match="norm must be one of batch, instance, not 'layer'"):
        PhysNet(norm="layer")
