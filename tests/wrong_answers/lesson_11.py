"""Right and wrong answers to the exercises of lesson 11."""

import copy
import io
import itertools
import math

import numpy as np
import torch
from answers import right, wrong

from rppg_lab import training
from rppg_lab.checks import diagnosing, judging, lesson_11

lesson_11.load_optimisers()  # which the lesson has done long before its first exercise that trains

# --- 11.1 The learning rate of each epoch ----------------------------------------------------------------------------


@right("11.1")
def with_powers(start, factor, epochs):
    return start * factor ** np.arange(epochs)


@right("11.1")
def in_a_loop(start, factor, epochs):
    rates = []
    for _ in range(epochs):
        rates.append(start)
        start = start * factor
    return rates


@right("11.1")
def accumulated(start, factor, epochs):
    return np.array(list(itertools.accumulate([factor] * (epochs - 1), lambda rate, by: rate * by, initial=start)))


@right("11.1")
def geometric(start, factor, epochs):
    return np.geomspace(start, start * factor ** (epochs - 1), epochs)


@right("11.1")
def asked_of_torch(start, factor, epochs):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([weight], lr=start)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimiser, gamma=factor)
    rates = torch.zeros(epochs, dtype=torch.float64)
    for epoch in range(epochs):
        rates[epoch] = optimiser.param_groups[0]["lr"]
        optimiser.step()
        scheduler.step()
    return rates


@wrong("11.1", "the first epoch is changed already")
def multiplied_before_it_is_noted(start, factor, epochs):
    rates = []
    for _ in range(epochs):
        start *= factor
        rates.append(start)
    return np.array(rates)


@wrong("11.1", "never stepped")
def made_and_forgotten(start, factor, epochs):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([weight], lr=start)
    torch.optim.lr_scheduler.ExponentialLR(optimiser, gamma=factor)
    return [optimiser.param_groups[0]["lr"] for _ in range(epochs)]


@wrong("11.1", "one too many")
def with_a_rate_for_afterwards(start, factor, epochs):
    rates = [start]
    for _ in range(epochs):
        rates.append(rates[-1] * factor)
    return rates


@wrong("11.1", "only the last epoch's rate")
def of_the_last_epoch(start, factor, epochs):
    return start * factor ** (epochs - 1)


@wrong("11.1", "only the last epoch's rate")
def after_the_last_epoch(start, factor, epochs):
    return start * factor**epochs


@wrong("11.1", "falls by equal amounts")
def straight_down(start, factor, epochs):
    return np.array([start - epoch * (start - start * factor) for epoch in range(epochs)])


@wrong("11.1", "the factor itself shrinks")
def powers_multiplied_on(start, factor, epochs):
    rates = []
    for epoch in range(epochs):
        start *= factor**epoch
        rates.append(start)
    return np.array(rates)


@wrong("11.1", "the wrong way round")
def growing(start, factor, epochs):
    return start * factor ** -np.arange(epochs, dtype=float)


@wrong("11.1", "the factors without the start")
def shares(start, factor, epochs):
    return factor ** np.arange(epochs)


@wrong("11.1", diagnosing.GENERATOR)
def a_promise(start, factor, epochs):
    return (start * factor**epoch for epoch in range(epochs))


@wrong("11.1", diagnosing.OTHER)
def warming_up(start, factor, epochs):
    return start * factor ** np.arange(epochs)[::-1]


@wrong("11.1", diagnosing.PRINTED)
def told_only(start, factor, epochs):
    for epoch in range(epochs):
        print(start * factor**epoch)


@wrong("11.1", judging.PACKAGE_OWN)
def looked_up_rates(start, factor, epochs):
    return lesson_11.learning_rates(start, factor, epochs)


# --- 11.2 One epoch of training --------------------------------------------------------------------------------------


@right("11.2")
def by_the_book(model, loader, loss_fn, optimiser):
    model.train()
    total, clips, skipped = 0.0, 0, 0
    for video, bvp in loader:
        optimiser.zero_grad()
        loss = loss_fn(model(video), bvp)
        if not torch.isfinite(loss):
            skipped += 1
            continue
        loss.backward()
        optimiser.step()
        total += loss.item() * len(video)
        clips += len(video)
    return total / clips, skipped


@right("11.2")
def emptied_after_the_step(model, data_loader, criterion, opt):
    model.train(True)
    opt.zero_grad(set_to_none=False)
    losses, sizes = [], []
    for x, y in data_loader:
        loss = criterion(model(x), y)
        losses.append(float(loss))
        sizes.append(x.shape[0])
        if math.isfinite(losses[-1]):
            loss.backward()
            opt.step()
            opt.zero_grad()
    losses, sizes = np.array(losses), np.array(sizes)
    good = np.isfinite(losses)
    return np.average(losses[good], weights=sizes[good]), int((~good).sum())


@right("11.2")
def gradients_by_hand(model, loader, loss_fn, optimiser):
    for layer in model.modules():
        layer.training = True
    weighted, count, bad = [], 0, 0
    for batch in loader:
        value = loss_fn(model(batch[0]), batch[1])
        if torch.isnan(value) or torch.isinf(value):
            bad = bad + 1
        else:
            parameters = list(model.parameters())
            for parameter, gradient in zip(parameters, torch.autograd.grad(value, parameters), strict=True):
                parameter.grad = gradient
            optimiser.step()
            weighted.append(value.detach() * batch[0].size(0))
            count += batch[0].size(0)
    return torch.stack(weighted).sum() / count, bad


@right("11.2")
def backward_first_and_then_looked(model, loader, loss_fn, optimiser):
    model.train()
    counted, skipped = [], 0
    for video, bvp in loader:
        model.zero_grad()
        value = loss_fn(model(video), bvp)
        value.backward()
        if np.isfinite(value.item()):
            optimiser.step()
            counted += [value.item()] * len(video)
        else:
            skipped += 1
    return sum(counted) / len(counted), skipped


@wrong("11.2", "prediction and label have changed places")
def label_first(model, loader, loss_fn, optimiser):
    return by_the_book(model, loader, lambda prediction, label: loss_fn(label, prediction), optimiser)


@wrong("11.2", "the old gradients are still there")
def never_emptied(model, loader, loss_fn, optimiser):
    model.train()
    total, clips, skipped = 0.0, 0, 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        if not torch.isfinite(loss):
            skipped += 1
            continue
        loss.backward()
        optimiser.step()
        total += loss.item() * len(video)
        clips += len(video)
    return total / clips, skipped


@wrong("11.2", "the old gradients are still there")
def emptied_once(model, loader, loss_fn, optimiser):
    model.train()
    optimiser.zero_grad()
    losses, skipped = [], 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        if torch.isfinite(loss):
            loss.backward()
            optimiser.step()
            losses += [loss.item()] * len(video)
        else:
            skipped += 1
    return np.mean(losses), skipped


def _losses_of(model, loader, loss_fn, learn):
    """What several answers share: learn from each batch that did not fail."""
    losses, sizes, skipped = [], [], 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        if not torch.isfinite(loss):
            skipped += 1
            continue
        learn(loss)
        losses.append(loss.item())
        sizes.append(len(video))
    return losses, sizes, skipped


@wrong("11.2", "nothing is learned")
def without_a_step(model, loader, loss_fn, optimiser):
    model.train()

    def learn(loss):
        optimiser.zero_grad()
        loss.backward()

    losses, sizes, skipped = _losses_of(model, loader, loss_fn, learn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.2", "nothing is learned")
def without_backward(model, loader, loss_fn, optimiser):
    model.train()

    def learn(loss):
        optimiser.zero_grad()
        optimiser.step()

    losses, sizes, skipped = _losses_of(model, loader, loss_fn, learn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.2", "nothing is learned")
def emptied_too_late(model, loader, loss_fn, optimiser):
    model.train()

    def learn(loss):
        loss.backward()
        optimiser.zero_grad()
        optimiser.step()

    losses, sizes, skipped = _losses_of(model, loader, loss_fn, learn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.2", "the step comes before its gradient")
def step_then_backward(model, loader, loss_fn, optimiser):
    model.train()

    def learn(loss):
        optimiser.step()
        optimiser.zero_grad()
        loss.backward()

    losses, sizes, skipped = _losses_of(model, loader, loss_fn, learn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.2", "one step for the whole epoch")
def step_outside_the_loop(model, loader, loss_fn, optimiser):
    model.train()
    optimiser.zero_grad()
    losses, sizes, skipped = _losses_of(model, loader, loss_fn, lambda loss: loss.backward())
    optimiser.step()
    return np.average(losses, weights=sizes), skipped


def _learner(optimiser):
    def learn(loss):
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return learn


@wrong("11.2", "trained in evaluation mode")
def mode_taken_for_granted(model, loader, loss_fn, optimiser):
    losses, sizes, skipped = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return np.average(losses, weights=sizes), skipped


@wrong("11.2", "trained in evaluation mode")
def train_without_brackets(model, loader, loss_fn, optimiser):
    model.train  # noqa: B018
    losses, sizes, skipped = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return np.average(losses, weights=sizes), skipped


@wrong("11.2", "infinity taken for a number")
def only_nan_is_bad(model, loader, loss_fn, optimiser):
    model.train()
    losses, sizes, skipped = [], [], 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        if torch.isnan(loss):
            skipped += 1
            continue
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item() * len(video))
        sizes.append(len(video))
    return sum(losses) / sum(sizes), skipped


@wrong("11.2", "learned from a batch that failed")
def nothing_skipped(model, loader, loss_fn, optimiser):
    model.train()
    total = clips = 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        _learner(optimiser)(loss)
        total += loss.item() * len(video)
        clips += len(video)
    return total / clips, 0


@wrong("11.2", "learned from a batch that failed")
def left_out_of_the_mean_only(model, loader, loss_fn, optimiser):
    model.train()
    losses, skipped = [], 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        _learner(optimiser)(loss)
        if torch.isfinite(loss):
            losses += [loss.item()] * len(video)
        else:
            skipped += 1
    return np.mean(losses), skipped


@wrong("11.2", "gave up at the first bad batch")
def broke_off(model, loader, loss_fn, optimiser):
    model.train()
    losses, skipped = [], 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        if not torch.isfinite(loss):
            skipped += 1
            break
        _learner(optimiser)(loss)
        losses += [loss.item()] * len(video)
    return sum(losses) / max(1, len(losses)), skipped


@wrong("11.2", "skipped in silence")
def said_nothing(model, loader, loss_fn, optimiser):
    model.train()
    losses, sizes, _ = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return np.average(losses, weights=sizes), 0


@wrong("11.2", "counted the good batches")
def counted_what_went_well(model, loader, loss_fn, optimiser):
    model.train()
    losses, sizes, _ = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return np.average(losses, weights=sizes), len(losses)


@wrong("11.2", "divided by all batches")
def as_in_the_lecture(model, loader, loss_fn, optimiser):
    model.train()
    running_loss, skipped = 0.0, 0
    for video, bvp in loader:
        optimiser.zero_grad()
        loss = loss_fn(model(video), bvp)
        if ~torch.isfinite(loss):
            skipped += 1
            continue
        loss.backward()
        running_loss += loss.item()
        optimiser.step()
    return running_loss / len(loader), skipped


@wrong("11.2", "divided by all clips")
def over_the_dataset(model, loader, loss_fn, optimiser):
    model.train()
    losses, sizes, skipped = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return np.dot(losses, sizes) / len(loader.dataset), skipped


@wrong("11.2", "a small batch counts like a full one")
def mean_of_batch_means(model, loader, loss_fn, optimiser):
    model.train()
    losses, _, skipped = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return np.mean(losses), skipped


@wrong("11.2", "the loss of the last batch")
def loss_left_over(model, loader, loss_fn, optimiser):
    model.train()
    losses, _, skipped = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return losses[-1], skipped


@wrong("11.2", "the sum, not the mean")
def running_total(model, loader, loss_fn, optimiser):
    model.train()
    losses, _, skipped = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return sum(losses), skipped


@wrong("11.2", "the loss drags its history along")
def tensors_added_up(model, loader, loss_fn, optimiser):
    model.train()
    total, clips, skipped = 0, 0, 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        if not torch.isfinite(loss):
            skipped += 1
            continue
        _learner(optimiser)(loss)
        total += loss * len(video)
        clips += len(video)
    return total / clips, skipped


@wrong("11.2", diagnosing.TYPE)
def loss_alone(model, loader, loss_fn, optimiser):
    model.train()
    losses, sizes, _ = _losses_of(model, loader, loss_fn, _learner(optimiser))
    return np.average(losses, weights=sizes)


@wrong("11.2", diagnosing.ERROR)
def loss_as_a_number_too_early(model, loader, loss_fn, optimiser):
    model.train()
    for video, bvp in loader:
        optimiser.zero_grad()
        loss = loss_fn(model(video), bvp).item()
        loss.backward()
        optimiser.step()
    return loss, 0


@wrong("11.2", diagnosing.NOTHING)
def no_return(model, loader, loss_fn, optimiser):
    model.train()
    _losses_of(model, loader, loss_fn, _learner(optimiser))


@wrong("11.2", judging.PACKAGE_OWN)
def the_packages_epoch(model, loader, loss_fn, optimiser):
    result = training.train_epoch(model, loader, loss_fn, optimiser, progress=False)
    return result.loss, result.skipped


# --- 11.3 A look at the loss that changes nothing --------------------------------------------------------------------


@right("11.3")
def looked_by_the_book(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    total, clips, skipped = 0.0, 0, 0
    with torch.no_grad():
        for video, bvp in loader:
            loss = loss_fn(model(video), bvp)
            if torch.isfinite(loss):
                total += loss.item() * len(video)
                clips += len(video)
            else:
                skipped += 1
    model.train(was_training)
    return total / clips, skipped


@right("11.3")
@torch.inference_mode()
def looked_with_a_decorator(model, loader, loss_fn):
    modes = [layer.training for layer in model.modules()]
    model.train(False)
    try:
        losses = torch.stack([loss_fn(model(x), y) for x, y in loader])
        sizes = torch.tensor([len(x) for x, _ in loader])
    finally:
        for layer, mode in zip(model.modules(), modes, strict=True):
            layer.training = mode
    good = torch.isfinite(losses)
    return (losses[good] * sizes[good]).sum() / sizes[good].sum(), int((~good).sum())


@right("11.3")
def looked_at_a_copy(model, loader, loss_fn):
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    twin.followed = model.followed
    each, skipped = [], 0
    for batch in loader:
        value = float(loss_fn(twin(batch[0]), batch[1]))
        if math.isfinite(value):
            each.extend([value] * len(batch[1]))
        else:
            skipped += 1
    return np.mean(each), skipped


def _look(model, loader, loss_fn):
    """What several answers share: the losses, without gradients, in whatever mode the network is."""
    losses, sizes, skipped = [], [], 0
    with torch.no_grad():
        for video, bvp in loader:
            loss = loss_fn(model(video), bvp)
            if torch.isfinite(loss):
                losses.append(loss.item())
                sizes.append(len(video))
            else:
                skipped += 1
    return losses, sizes, skipped


def _look_rightly(model, loader, loss_fn):
    before = model.training
    model.eval()
    found = _look(model, loader, loss_fn)
    model.train(before)
    return found


@wrong("11.3", "prediction and label have changed places")
def looked_label_first(model, loader, loss_fn):
    return looked_by_the_book(model, loader, lambda prediction, label: loss_fn(label, prediction))


@wrong("11.3", "looked in training mode")
def forgot_eval(model, loader, loss_fn):
    losses, sizes, skipped = _look(model, loader, loss_fn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "looked in training mode")
def eval_without_brackets(model, loader, loss_fn):
    model.eval  # noqa: B018
    losses, sizes, skipped = _look(model, loader, loss_fn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "left in evaluation mode")
def never_woken(model, loader, loss_fn):
    model.eval()
    losses, sizes, skipped = _look(model, loader, loss_fn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "put into training mode, whatever it was in")
def always_woken(model, loader, loss_fn):
    model.eval()
    losses, sizes, skipped = _look(model, loader, loss_fn)
    model.train()
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "gradients are recorded")
def forgot_no_grad(model, loader, loss_fn):
    before = model.training
    model.eval()
    losses, sizes, skipped = [], [], 0
    for video, bvp in loader:
        loss = loss_fn(model(video), bvp)
        if torch.isfinite(loss):
            losses.append(loss.item())
            sizes.append(len(video))
        else:
            skipped += 1
    model.train(before)
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "gradients are recorded")
def detached_afterwards(model, loader, loss_fn):
    before = model.training
    model.eval()
    losses = [(loss_fn(model(x).detach(), y).item(), len(x)) for x, y in loader]
    model.train(before)
    good = [(loss, n) for loss, n in losses if math.isfinite(loss)]
    return sum(loss * n for loss, n in good) / sum(n for _, n in good), len(losses) - len(good)


@wrong("11.3", "gradients are left behind")
def copied_from_train_fn(model, loader, loss_fn):
    before = model.training
    model.eval()
    losses, sizes, skipped = _losses_of(model, loader, loss_fn, lambda loss: loss.backward())
    model.train(before)
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "gradients off for good")
def switched_off(model, loader, loss_fn):
    torch.set_grad_enabled(False)
    losses, sizes, skipped = _look_rightly(model, loader, loss_fn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "gradients off for good")
def weights_frozen(model, loader, loss_fn):
    model.requires_grad_(False)
    losses, sizes, skipped = _look_rightly(model, loader, loss_fn)
    return np.average(losses, weights=sizes), skipped


@wrong("11.3", "one bad batch spoils the mean")
def nan_and_all(model, loader, loss_fn):
    before = model.training
    model.eval()
    total = clips = 0
    with torch.no_grad():
        for video, bvp in loader:
            total += loss_fn(model(video), bvp).item() * len(video)
            clips += len(video)
    model.train(before)
    return total / clips, 0


@wrong("11.3", "skipped in silence")
def looked_away(model, loader, loss_fn):
    losses, sizes, _ = _look_rightly(model, loader, loss_fn)
    return np.average(losses, weights=sizes), 0


@wrong("11.3", "divided by all batches")
def looked_as_in_the_lecture(model, loader, loss_fn):
    losses, _, skipped = _look_rightly(model, loader, loss_fn)
    return sum(losses) / len(loader), skipped


@wrong("11.3", "divided by all clips")
def looked_over_the_dataset(model, loader, loss_fn):
    losses, sizes, skipped = _look_rightly(model, loader, loss_fn)
    return np.dot(losses, sizes) / len(loader.dataset), skipped


@wrong("11.3", "a small batch counts like a full one")
def looked_batch_by_batch(model, loader, loss_fn):
    losses, _, skipped = _look_rightly(model, loader, loss_fn)
    return np.mean(losses), skipped


@wrong("11.3", "the loss of the last batch")
def looked_last(model, loader, loss_fn):
    losses, _, skipped = _look_rightly(model, loader, loss_fn)
    return losses[-1], skipped


@wrong("11.3", "the sum, not the mean")
def looked_and_added(model, loader, loss_fn):
    losses, _, skipped = _look_rightly(model, loader, loss_fn)
    return sum(losses), skipped


@wrong("11.3", diagnosing.NOTHING)
def looked_and_kept_quiet(model, loader, loss_fn):
    _look_rightly(model, loader, loss_fn)


@wrong("11.3", judging.PACKAGE_OWN)
def the_packages_look(model, loader, loss_fn):
    found = training.evaluate_loss(model, loader, loss_fn)
    return found.loss, found.skipped


# --- 11.4 The epoch that is kept -------------------------------------------------------------------------------------


@right("11.4")
def searched(train_losses, validation_losses, test_losses):
    best, lowest = None, math.inf
    for i, loss in enumerate(validation_losses):
        if loss < lowest:
            best, lowest = i + 1, loss
    if best is None:
        raise ValueError("no epoch has a loss")
    return best


@right("11.4")
def with_nanargmin(train_losses, validation_losses, test_losses):
    return 1 + np.nanargmin(validation_losses)


@right("11.4")
def sorted_by_loss(train, validation, test):
    real = sorted((loss, epoch) for epoch, loss in enumerate(validation, 1) if loss == loss)
    if len(real) == 0:
        raise ValueError("nothing but NaN")
    return real[0][1]


@right("11.4")
def nan_made_infinite(train_losses, validation_losses, test_losses):
    losses = torch.tensor(validation_losses).nan_to_num(nan=math.inf)
    if torch.isinf(losses).all():
        raise ValueError
    return losses.tolist().index(losses.min().item()) + 1


@wrong("11.4", "chosen by the test people")
def by_test(train_losses, validation_losses, test_losses):
    return int(np.nanargmin(test_losses)) + 1


@wrong("11.4", "chosen by the training loss")
def by_training(train_losses, validation_losses, test_losses):
    return int(np.nanargmin(train_losses)) + 1


@wrong("11.4", "counted from 0")
def index_of_the_best(train_losses, validation_losses, test_losses):
    return int(np.nanargmin(validation_losses))


@wrong("11.4", "the loss, not its epoch")
def how_good_it_was(train_losses, validation_losses, test_losses):
    real = [loss for loss in validation_losses if not math.isnan(loss)]
    return min(real)


@wrong("11.4", "the worst epoch")
def most_is_best(train_losses, validation_losses, test_losses):
    return int(np.nanargmax(validation_losses)) + 1


@wrong("11.4", "simply the last epoch")
def the_end(train_losses, validation_losses, test_losses):
    return len(validation_losses)


@wrong("11.4", "the last of equals")
def not_worse(train_losses, validation_losses, test_losses):
    best, lowest = 0, math.inf
    for epoch, loss in enumerate(validation_losses, 1):
        if loss <= lowest:
            best, lowest = epoch, loss
    if not best:
        raise ValueError("no epoch has a loss")
    return best


@wrong("11.4", "NaN wins")
def with_argmin(train_losses, validation_losses, test_losses):
    return int(np.argmin(validation_losses)) + 1


@wrong("11.4", "NaN wins")
def pythons_min(train_losses, validation_losses, test_losses):
    if all(math.isnan(loss) for loss in validation_losses):
        raise ValueError("no epoch has a loss")
    return validation_losses.index(min(validation_losses)) + 1


@wrong("11.4", diagnosing.NO_ERROR)
def none_of_them(train_losses, validation_losses, test_losses):
    best, lowest = None, math.inf
    for epoch, loss in enumerate(validation_losses, 1):
        if loss < lowest:
            best, lowest = epoch, loss
    return best


@wrong("11.4", diagnosing.NOTHING)
def knew_it(train_losses, validation_losses, test_losses):
    best = np.nanargmin(validation_losses) + 1  # noqa: F841


# --- 11.5 All epochs, the best of which is kept ----------------------------------------------------------------------


@right("11.5")
def with_deepcopy(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        validation_losses.append(validate())
        scheduler.step()
        if validation_losses[-1] < lowest:
            best, lowest = epoch, validation_losses[-1]
            kept = copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@right("11.5")
def with_every_epoch_kept(model, train, validate, scheduler, epochs):
    found = []
    for _ in range(epochs):
        trained = train()
        scheduler.step()
        found.append((trained, validate(), {name: one.clone() for name, one in model.state_dict().items()}))
    best = int(np.nanargmin([one[1] for one in found]))
    model.load_state_dict(found[best][2])
    return best + 1, [one[0] for one in found], [one[1] for one in found]


@right("11.5")
def with_a_file(model, train, validate, scheduler, epochs):
    file, lowest, best = io.BytesIO(), None, None
    losses = np.zeros((2, epochs))
    for epoch in range(epochs):
        losses[0, epoch] = train()
        losses[1, epoch] = validate()
        if not np.isnan(losses[1, epoch]) and (lowest is None or losses[1, epoch] < lowest):
            best, lowest = epoch + 1, losses[1, epoch]
            file = io.BytesIO()
            torch.save(model.state_dict(), file)
        if epoch < epochs - 1:
            scheduler.step()
    file.seek(0)
    model.load_state_dict(torch.load(file, weights_only=True))
    return best, losses[0], losses[1]


@wrong("11.5", "the last weights, not the best")
def no_copy(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        scheduler.step()
        validation_losses.append(validate())
        if validation_losses[-1] < lowest:
            best, lowest = epoch, validation_losses[-1]
            kept = model.state_dict()
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@wrong("11.5", "the last weights, not the best")
def a_shallow_copy(model, train, validate, scheduler, epochs):
    train_losses, validation_losses, kept = [], [], []
    for _ in range(epochs):
        train_losses.append(train())
        scheduler.step()
        validation_losses.append(validate())
        kept.append(dict(model.state_dict()))
    best = int(np.nanargmin(validation_losses))
    model.load_state_dict(kept[best])
    return best + 1, train_losses, validation_losses


@wrong("11.5", "the last weights, not the best")
def kept_and_not_put_back(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    for _ in range(epochs):
        train_losses.append(train())
        scheduler.step()
        validation_losses.append(validate())
    return 1 + int(np.nanargmin(validation_losses)), train_losses, validation_losses


@wrong("11.5", "BatchNorm's memory is left behind")
def weights_only(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        scheduler.step()
        validation_losses.append(validate())
        if validation_losses[-1] < lowest:
            best, lowest = epoch, validation_losses[-1]
            kept = [parameter.detach().clone() for parameter in model.parameters()]
    for parameter, value in zip(model.parameters(), kept, strict=True):
        parameter.data = value
    return best, train_losses, validation_losses


def _fitted(model, train, validate, scheduler, epochs, *, before=0, after=1):
    """What several answers share: the loop, with the best kept; `before` and `after` training the plan goes on."""
    train_losses, validation_losses, kept = [], [], []
    for _ in range(epochs):
        for _ in range(before):
            scheduler.step()
        train_losses.append(train())
        for _ in range(after):
            scheduler.step()
        validation_losses.append(validate())
        kept.append(copy.deepcopy(model.state_dict()))
    best = int(np.nanargmin(validation_losses))
    model.load_state_dict(kept[best])
    return best + 1, train_losses, validation_losses


@wrong("11.5", "the scheduler is never stepped")
def as_the_lecture_did(model, train, validate, scheduler, epochs):
    return _fitted(model, train, validate, scheduler, epochs, after=0)


@wrong("11.5", "the scheduler is stepped too early")
def plan_first(model, train, validate, scheduler, epochs):
    return _fitted(model, train, validate, scheduler, epochs, before=1, after=0)


@wrong("11.5", "the scheduler is stepped too often")
def after_training_and_after_validation(model, train, validate, scheduler, epochs):
    return _fitted(model, train, validate, scheduler, epochs, after=2)


@wrong("11.5", "the scheduler waits for success")
def plan_in_the_wrong_block(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        validation_losses.append(validate())
        if validation_losses[-1] < lowest:
            best, lowest = epoch, validation_losses[-1]
            kept = copy.deepcopy(model.state_dict())
            scheduler.step()
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@wrong("11.5", "validated before it was trained")
def looked_first(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        validation_losses.append(validate())
        train_losses.append(train())
        scheduler.step()
        if validation_losses[-1] < lowest:
            best, lowest = epoch, validation_losses[-1]
            kept = copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@wrong("11.5", "chosen by the training loss")
def best_at_home(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        validation_losses.append(validate())
        scheduler.step()
        if train_losses[-1] < lowest:
            best, lowest = epoch, train_losses[-1]
            kept = copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@wrong("11.5", "the last of equals")
def as_good_is_better(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        validation_losses.append(validate())
        scheduler.step()
        if validation_losses[-1] <= lowest:
            best, lowest = epoch, validation_losses[-1]
            kept = copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@wrong("11.5", "NaN holds its place")
def begins_with_the_first(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    lowest = None
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        validation_losses.append(validate())
        scheduler.step()
        if lowest is None or validation_losses[-1] < lowest:
            best, lowest = epoch, validation_losses[-1]
            kept = copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@wrong("11.5", "stopped at the first disappointment")
def no_patience(model, train, validate, scheduler, epochs):
    train_losses, validation_losses = [], []
    best, lowest = 0, math.inf
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        validation_losses.append(validate())
        scheduler.step()
        if math.isnan(validation_losses[-1]):
            continue
        if validation_losses[-1] >= lowest:
            break
        best, lowest = epoch, validation_losses[-1]
        kept = copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


@wrong("11.5", "one epoch too few")
def range_from_one(model, train, validate, scheduler, epochs):
    return _fitted(model, train, validate, scheduler, epochs - 1)


@wrong("11.5", "counted from 0")
def index_of_the_best_epoch(model, train, validate, scheduler, epochs):
    best, *losses = _fitted(model, train, validate, scheduler, epochs)
    return best - 1, *losses


@wrong("11.5", diagnosing.ERROR)
def losses_without_brackets(model, train, validate, scheduler, epochs):
    best, lowest = 0, math.inf
    for epoch in range(epochs):
        loss = train
        scheduler.step()
        if loss < lowest:
            best, lowest = epoch, loss
    return best, [], []


@wrong("11.5", diagnosing.NOTHING)
def all_done_and_nothing_said(model, train, validate, scheduler, epochs):
    _fitted(model, train, validate, scheduler, epochs)


# --- What people of three kinds tried --------------------------------------------------------------------------------


@wrong("11.1", "what is taken off, not what is left")
def one_less_the_factor(start, factor, epochs):
    return start * (1 - factor) ** np.arange(epochs)


@wrong("11.1", "the start is raised to a power as well")
def brackets_too_wide(start, factor, epochs):
    return np.array([(start * factor) ** epoch for epoch in range(epochs)])


def _lowest(losses, lowest):
    best = 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest:
            best, lowest = epoch, loss
    return best


@wrong("11.4", "it begins with a loss that is too low")
def from_one_on(train_losses, validation_losses, test_losses):
    best = _lowest(validation_losses, 1.0)
    if not best and all(loss != loss for loss in validation_losses):
        raise ValueError("no loss to choose by")
    return best


@wrong("11.4", "an epoch that does not exist")
def epoch_0_for_none(train_losses, validation_losses, test_losses):
    return _lowest(validation_losses, float("inf"))
