"""An interrupted training ends as if it had not been; the numbers shown are true; a bad batch leaves no trace."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset

from rppg_lab import training
from rppg_lab.losses import neg_pearson
from rppg_lab.models import get_model, load_weights
from rppg_lab.seeding import random_state, seed_everything, untouched_random_state

FRAMES, SIZE, CLIPS, BATCH = 8, 16, 7, 3  # the last batch has one clip
BATCHES = 3


@pytest.fixture(autouse=True)
def _leave_as_found():
    threads = torch.get_num_threads()
    with untouched_random_state():
        yield
    torch.set_num_threads(threads)


def clips(number, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(number, 3, FRAMES, SIZE, SIZE, generator=draw), torch.randn(number, FRAMES, generator=draw)


class AugmentedClips(Dataset):
    """Clips that change with the epoch and with every global generator: whatever is not restored, shows."""

    def __init__(self):
        self.video, self.bvp = clips(CLIPS)
        self.epoch = None

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __len__(self):
        return CLIPS

    def __getitem__(self, index):
        chance = random.random() + np.random.rand() + torch.rand(()) + self.epoch  # noqa: NPY002
        return self.video[index] * chance, self.bvp[index]


class Interrupting:
    """The loss, until it has been called `calls` times; then the learner presses Ctrl-C."""

    __name__ = "neg_pearson"

    def __init__(self, calls):
        self.calls = calls

    def __call__(self, predictions, targets):
        self.calls -= 1
        if self.calls < 0:
            raise KeyboardInterrupt
        return neg_pearson(predictions, targets)


def prepare(*, seed=5, width=4, optimizer="adam", lr=1e-3, scheduler="onecycle", epochs=4):
    """What `fit` needs, made anew as in a new process."""
    generator = seed_everything(seed)
    model = get_model("physnet", width=width)
    optimiser = training.get_optimizer(optimizer, model.parameters(), lr)
    return {
        "model": model,
        # The Subset hides set_epoch, the sampler draws from the loader's own generator.
        "train_loader": DataLoader(Subset(AugmentedClips(), range(CLIPS)), BATCH, shuffle=True, generator=generator),
        "validation_loader": DataLoader(TensorDataset(*clips(4, seed=1)), 2),
        "optimiser": optimiser,
        "scheduler": training.get_scheduler(scheduler, optimiser, epochs=epochs, steps_per_epoch=BATCHES),
        "epochs": epochs,
        "settings": {"seed": seed},
    }


def fit(folder, *, loss=neg_pearson, prepared=None, progress=False, **choices):
    extra = {key: choices.pop(key) for key in ("score", "resume", "about") if key in choices}
    return training.fit(**(prepared or prepare(**choices)), loss=loss, folder=folder, progress=progress, **extra)


def saved(path):
    return torch.load(path, weights_only=True)


def assert_same(first, second):
    """Equal to the last bit, through dicts and lists."""
    assert type(first) is type(second)
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            if key != "seconds" and key != "resumed_after":  # the only things that may differ
                assert_same(first[key], second[key])
    elif isinstance(first, list | tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    elif isinstance(first, torch.Tensor):
        assert torch.equal(first, second)
    else:
        assert first == second or (first != first and second != second)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """The history and the folder of four epochs without an interruption."""
    folder = tmp_path_factory.mktemp("straight")
    with untouched_random_state():
        return fit(folder), folder


CALLS_PER_EPOCH = BATCHES + 2  # 2 batches of validation


@pytest.mark.parametrize(
    ("choices", "calls"),
    [
        ({}, 2 * CALLS_PER_EPOCH + 2),  # of four epochs, in the middle of the third
        ({"optimizer": "sgd", "scheduler": "exponential", "epochs": 3}, 2 * CALLS_PER_EPOCH + 1),
        ({"optimizer": "adamw", "scheduler": "constant", "epochs": 2}, CALLS_PER_EPOCH + BATCHES + 1),  # validating
        ({"epochs": 2}, 1),  # in the first, when nothing is finished yet
    ],
)
def test_interrupted_and_resumed_is_bit_for_bit_the_same(tmp_path, choices, calls):
    straight = fit(tmp_path / "straight", **choices)
    after = random_state()
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "resumed", loss=Interrupting(calls), **choices)
    prepared = prepare(**choices)
    seed_everything(999)  # whatever happened in between
    for parameter in prepared["model"].parameters():
        parameter.data.zero_()
    resumed = fit(tmp_path / "resumed", prepared=prepared)

    assert resumed.resumed_after == calls // CALLS_PER_EPOCH
    assert_same(vars(resumed), vars(straight))
    for name in (training.BEST, training.LAST):
        assert_same(saved(tmp_path / "resumed" / name), saved(tmp_path / "straight" / name))
    assert_same(random_state(), after)


def test_pressing_stop_and_running_the_cell_again_goes_on_with_the_same_objects(tmp_path, straight):
    prepared = prepare()
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, loss=Interrupting(7), prepared=prepared)
    assert_same(vars(fit(tmp_path, prepared=prepared)), vars(straight[0]))


@pytest.mark.parametrize("save", [1, 2, 3, 6])  # the first state; the first best and the state after it; a later one
def test_an_interruption_while_saving_loses_nothing(tmp_path, monkeypatch, straight, save):
    really_save, countdown = torch.save, [save]

    def interrupted_save(content, path):
        really_save(content, path)
        countdown[0] -= 1
        if not countdown[0]:
            path.write_bytes(path.read_bytes()[:100])
            raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", interrupted_save)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path)
    assert not list(tmp_path.glob(".*"))
    history, folder = straight
    assert_same(vars(fit(tmp_path)), vars(history))
    assert_same(saved(tmp_path / training.LAST), saved(folder / training.LAST))


def test_a_finished_training_is_not_trained_again(tmp_path):
    first = fit(tmp_path)
    prepared = prepare()
    again = fit(tmp_path, prepared=prepared, loss=Interrupting(0))
    assert again.resumed_after == 4
    assert_same(vars(again), vars(first))
    assert_same(dict(prepared["model"].state_dict()), dict(load_weights(tmp_path / training.BEST).state_dict()))


def test_more_epochs_continue_where_the_schedule_allows_it(tmp_path):
    straight = fit(tmp_path / "straight", scheduler="exponential", epochs=2)
    fit(tmp_path / "more", scheduler="exponential", epochs=1)
    assert_same(vars(fit(tmp_path / "more", scheduler="exponential", epochs=2)), vars(straight))
    with pytest.raises(ValueError, match="already holds 2 epochs, more than the 1"):
        fit(tmp_path / "more", scheduler="exponential", epochs=1)


def test_a_one_cycle_schedule_cannot_grow(straight):
    with pytest.raises(ValueError, match=r"scheduler\.total_steps: 12 there, 15 here"):
        fit(straight[1], epochs=5)


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"lr": 1e-2}, r"optimiser\.lr: 0\.001 there, 0\.01 here"),
        ({"optimizer": "adamw"}, "optimiser: 'Adam' there, 'AdamW' here"),
        ({"width": 8}, r"model\.width: 4 there, 8 here"),
        ({"seed": 6}, "seed: 5 there, 6 here"),
        ({"scheduler": "constant"}, "scheduler: 'OneCycleLR' there, None here"),
        ({"loss": nn.MSELoss()}, "loss: 'neg_pearson' there, 'MSELoss' here"),
    ],
)
def test_a_folder_of_other_settings_is_refused_and_left_alone(straight, choices, says):
    before = (straight[1] / training.LAST).read_bytes()
    with pytest.raises(ValueError, match=says):
        fit(straight[1], **choices)
    assert (straight[1] / training.LAST).read_bytes() == before


def test_a_folder_can_be_begun_again(tmp_path, straight):
    fit(tmp_path, epochs=1, lr=1.0)
    again = fit(tmp_path, resume=False)
    assert again.resumed_after == 0
    assert_same(vars(again), vars(straight[0]))


def test_a_damaged_state_is_named(tmp_path):
    fit(tmp_path, epochs=1)
    (tmp_path / training.LAST).write_bytes(b"x" * 50)
    with pytest.raises(ValueError, match=r"last\.pt"):
        fit(tmp_path, epochs=1)


def test_the_best_epoch_is_chosen_by_validation_loss(tmp_path):
    history = fit(tmp_path, about={"fs": 30.0})
    assert history.score == history.validation_loss
    assert history.best_epoch == 1 + int(np.argmin(history.validation_loss))
    best = load_weights(tmp_path / training.BEST)
    assert best.about == {"fs": 30.0, "epoch": history.best_epoch, "score": history.best_score}
    result = training.evaluate_loss(best, prepare()["validation_loader"], neg_pearson)
    assert result.loss == pytest.approx(history.best_score, abs=1e-6)


def test_the_best_epoch_can_be_chosen_by_another_score_which_disturbs_nothing(tmp_path, straight):
    states = []

    def score(model):
        torch.rand(3), random.random(), np.random.rand()  # noqa: NPY002
        states.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return [3.0, float("nan"), 1.0, 2.0][len(states) - 1]

    prepared = prepare()
    history = fit(tmp_path, prepared=prepared, score=score)
    assert history.score[2:] == [1.0, 2.0]
    assert (history.best_epoch, history.best_score) == (3, 1.0)
    assert_same(dict(prepared["model"].state_dict()), states[2])
    assert_same(saved(tmp_path / training.LAST)["model"], saved(straight[1] / training.LAST)["model"])


def test_without_a_finite_score_there_is_no_best(tmp_path):
    with pytest.raises(FloatingPointError, match="no epoch had a finite score"):
        fit(tmp_path, score=lambda model: float("nan"))


@pytest.mark.parametrize("wrap", [lambda dataset: dataset, lambda dataset: ConcatDataset([dataset, dataset])])
def test_the_dataset_is_told_the_epoch_before_it_is_read(tmp_path, wrap):
    told = []
    dataset = AugmentedClips()
    dataset.set_epoch = lambda epoch: (told.append(epoch), setattr(dataset, "epoch", epoch))
    prepared = prepare(scheduler="constant", epochs=2) | {"train_loader": DataLoader(wrap(dataset), BATCH)}
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, prepared=prepared, loss=Interrupting(len(prepared["train_loader"]) + 3))
    fit(tmp_path, prepared=prepared)
    assert list(dict.fromkeys(told)) == [0, 1]
    assert told[-1] == 1


def test_two_loaders_only_keep_the_lowest_training_loss(tmp_path):
    prepared = prepare() | {"validation_loader": None}
    history = fit(tmp_path, prepared=prepared)
    assert history.best_score == min(history.train_loss)


def batches(bad=(), of=4, clips_each=2, what="video"):
    found = []
    for number in range(of):
        video, bvp = clips(clips_each, seed=number)
        if number in bad:
            (video if what == "video" else bvp)[0, ..., 0] = float("nan")
        found.append((video, bvp))
    return found


@pytest.mark.parametrize("what", ["video", "bvp"])
def test_a_bad_batch_is_counted_shown_and_leaves_no_trace(capsys, what):
    def train(loader):
        torch.manual_seed(0)
        model = get_model("physnet", width=4)
        optimiser = training.get_optimizer("adam", model.parameters(), 1e-3)
        return model, training.train_epoch(model, loader, neg_pearson, optimiser)

    clean_model, clean = train([batches()[0], batches()[3]])
    capsys.readouterr()
    model, result = train(batches(bad=(1, 2), what=what))
    assert (result.skipped, result.batches) == (2, 2)
    assert result.loss == clean.loss
    assert_same(dict(model.state_dict()), dict(clean_model.state_dict()))  # BatchNorm's statistics too
    shown = capsys.readouterr().err
    assert f"loss={clean.loss:.4f}" in shown
    assert "skipped=2" in shown


def test_when_every_batch_is_bad_the_epoch_is_an_error():
    model = get_model("physnet", width=4)
    optimiser = training.get_optimizer("adam", model.parameters(), 1e-3)
    with pytest.raises(FloatingPointError, match="not finite in any of the 2 batches"):
        training.train_epoch(model, batches(bad=(0, 1), of=2), neg_pearson, optimiser, progress=False)
    with pytest.raises(FloatingPointError, match="not finite in any of the 2 batches"):
        training.evaluate_loss(model, batches(bad=(0, 1), of=2), neg_pearson)
    with pytest.raises(ValueError, match="no batch"):
        training.train_epoch(model, [], neg_pearson, optimiser, progress=False)


class Mean(nn.Module):
    """A network without BatchNorm: here accumulating must equal one large batch."""

    def __init__(self):
        super().__init__()
        self.colours = nn.Linear(3, 1)
        nn.init.constant_(self.colours.weight, 0.1)
        nn.init.zeros_(self.colours.bias)

    def forward(self, video):
        return self.colours(video.mean((3, 4)).transpose(1, 2))[..., 0]


def test_accumulated_batches_make_the_step_of_one_large_batch():
    video, bvp = clips(10)
    pieces = [(video[:4], bvp[:4]), (video[4:8], bvp[4:8]), (video[8:], bvp[8:])]  # the last one smaller

    def weights(loader, **choices):
        model = Mean()
        result = training.train_epoch(
            model, loader, nn.MSELoss(), torch.optim.SGD(model.parameters(), 0.1), progress=False, **choices
        )
        return model.colours.weight.detach(), result.loss

    once, loss = weights([(video, bvp)])
    accumulated, accumulated_loss = weights(pieces, accumulate=3)
    torch.testing.assert_close(accumulated, once)
    assert accumulated_loss == pytest.approx(loss)
    for incomplete in (5, 100):  # fewer batches left than asked for: still one step
        torch.testing.assert_close(weights(pieces, accumulate=incomplete)[0], once)
    assert not torch.allclose(weights(pieces)[0], once)


def test_one_batch_is_exactly_the_plain_step():
    video, bvp = clips(3)
    model, plain = Mean(), Mean()
    training.train_epoch(model, [(video, bvp)], neg_pearson, torch.optim.SGD(model.parameters(), 0.1), progress=False)
    optimiser = torch.optim.SGD(plain.parameters(), 0.1)
    neg_pearson(plain(video), bvp).backward()
    optimiser.step()
    assert torch.equal(model.colours.weight, plain.colours.weight)


def test_the_loss_of_a_set_does_not_depend_on_how_it_is_cut():
    model = get_model("physnet", width=4)
    video, bvp = clips(7)
    losses = [
        training.evaluate_loss(model, DataLoader(TensorDataset(video, bvp), size), neg_pearson).loss
        for size in (7, 4, 2)
    ]
    assert losses == pytest.approx([losses[0]] * 3, abs=1e-6)


def test_evaluation_changes_nothing_in_the_model():
    model = get_model("physnet", width=4).train()
    model.conv1.eval()  # a frozen layer stays frozen, the others go on training
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    training.evaluate_loss(model, batches(), neg_pearson)
    assert_same(dict(model.state_dict()), before)
    assert model.training
    assert not model.conv1.training
    assert model.conv2.training


def test_training_lowers_the_loss():
    """Clips whose wave is the mean of their green pixels: 30 steps must find that out."""
    seed_everything(0)
    wave = torch.randn(4, 32)
    video = torch.randn(4, 3, 32, SIZE, SIZE)
    video[:, 1] += wave[:, :, None, None]
    model = get_model("physnet", width=8)
    optimiser = training.get_optimizer("adam", model.parameters(), 1e-2)
    results = [training.train_epoch(model, [(video, wave)], neg_pearson, optimiser, progress=False) for _ in range(30)]
    assert results[0].loss > 0.6
    assert results[-1].loss < 0.2


def test_schedules_are_really_stepped(tmp_path):
    exponential = fit(tmp_path / "a", scheduler="exponential", lr=1e-3, epochs=3)
    assert exponential.learning_rate == pytest.approx([1e-3, 0.99e-3, 0.99**2 * 1e-3])  # after each epoch
    prepared, rates = prepare(scheduler="onecycle"), []
    prepared["optimiser"].register_step_post_hook(lambda optimiser, *_: rates.append(optimiser.param_groups[0]["lr"]))
    fit(tmp_path / "b", prepared=prepared)
    assert len(set(rates)) == 4 * BATCHES  # another one for each batch: up to the learning rate, then down to nothing
    assert max(rates) == pytest.approx(1e-3, rel=0.02)
    assert rates[0] < 1e-4
    assert rates[-1] < 1e-6
    assert fit(tmp_path / "c", scheduler="constant", lr=1e-3, epochs=2).learning_rate == [1e-3] * 2


def test_names_of_optimizers_and_schedules():
    parameters = list(Mean().parameters())
    adam = training.get_optimizer("adam", parameters, 1e-4)
    assert (type(adam), adam.defaults["lr"], adam.defaults["weight_decay"]) == (torch.optim.Adam, 1e-4, 5e-5)
    with pytest.raises(NotImplementedError, match=r"'Adam'.*adam, adamw, sgd"):
        training.get_optimizer("Adam", parameters, 1e-4)
    with pytest.raises(NotImplementedError, match=r"'cosine'.*constant, exponential, onecycle"):
        training.get_scheduler("cosine", adam, epochs=1, steps_per_epoch=1)


def test_channels_last_changes_the_order_in_memory_and_no_value():
    model, same = get_model("physnet", width=8), get_model("physnet", width=8)
    same.load_state_dict(model.state_dict())
    training.use_channels_last(same)
    assert same.conv2[0].weight.is_contiguous(memory_format=torch.channels_last_3d)
    assert_same(dict(same.state_dict()), dict(model.state_dict()))
    video = clips(2)[0]
    with training.evaluating(model), training.evaluating(same):
        torch.testing.assert_close(same(video), model(video), atol=1e-5, rtol=1e-4)
