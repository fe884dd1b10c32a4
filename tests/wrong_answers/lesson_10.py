"""Right and wrong answers to the exercises of lesson 10."""

import numpy as np
import torch
from answers import right, wrong
from scipy import signal, stats
from torch.nn import functional

from rppg_lab import losses
from rppg_lab.checks import diagnosing, judging

# --- 10.1 Which loss notices which disturbance -----------------------------------------------------------------------

FORESEEN = {
    "louder": (True, False),
    "lifted": (True, False),
    "drifting": (True, True),
    "late": (True, True),
    "upside down": (True, True),
    "both louder": (True, False),
    "both upside down": (False, False),
}


@right("10.1")
def written_down():
    return dict(FORESEEN)


@right("10.1")
def with_lists_of_noughts_and_ones():
    squared = {"louder", "lifted", "drifting", "late", "upside down", "both louder"}
    pearson = {"drifting", "late", "upside down"}
    return {name: [name in squared, name in pearson] for name in FORESEEN}


@right("10.1")
def tried_with_scipy():
    rng = np.random.default_rng(4)
    y = np.cumsum(rng.standard_normal(200))
    p = y + rng.standard_normal(200)
    slope = np.linspace(0, 5, 200)
    pairs = {
        "louder": (3 * p, y),
        "lifted": (p + 2, y),
        "drifting": (p + slope, y),
        "late": (np.roll(p, 6), y),
        "upside down": (-p, y),
        "both louder": (3 * p, 3 * y),
        "both upside down": (-p, -y),
    }
    squared, r = np.mean((p - y) ** 2), stats.pearsonr(p, y).statistic
    found = {}
    for name, (one, other) in pairs.items():
        found[name] = (
            not np.isclose(np.mean((one - other) ** 2), squared),
            not np.isclose(stats.pearsonr(one, other).statistic, r),
        )
    return found


def _foreseen(**others):
    return lambda: {**FORESEEN, **{name.replace("_", " "): pair for name, pair in others.items()}}


wrong("10.1", "the two losses have changed places")(lambda: {name: pair[::-1] for name, pair in FORESEEN.items()})
wrong("10.1", "r is thought to see the size")(_foreseen(louder=(True, True), both_louder=(True, True)))
wrong("10.1", "r is thought to see the size")(_foreseen(lifted=(True, True)))
wrong("10.1", "a drift is thought to be a lift")(_foreseen(drifting=(True, False)))
wrong("10.1", "r is thought to forgive a delay")(_foreseen(late=(True, False)))
wrong("10.1", "r is thought to forgive an inversion")(_foreseen(upside_down=(True, False)))
wrong("10.1", "turning both is thought to matter")(_foreseen(both_upside_down=(True, True)))
wrong("10.1", "the squared error is thought to forgive")(_foreseen(both_louder=(False, False)))


@wrong("10.1", diagnosing.PARTS)
def one_is_missing():
    return {name: pair for name, pair in FORESEEN.items() if name != "late"}


@wrong("10.1", diagnosing.TYPE)
def a_list_of_pairs():
    return list(FORESEEN.values())


@wrong("10.1", diagnosing.PRINTED)
def printed():
    print(FORESEEN)


# --- 10.2 The negative Pearson loss ----------------------------------------------------------------------------------


@right("10.2")
def centred_with_epsilon(predictions, targets):
    x = predictions - predictions.mean(dim=1, keepdim=True)
    y = targets - targets.mean(dim=1, keepdim=True)
    r = (x * y).sum(dim=1) / (x.norm(dim=1) * y.norm(dim=1) + 1e-8)
    return 1 - r.mean()


@right("10.2")
def with_cosine_similarity(predictions, targets):
    x = predictions - predictions.mean(1)[:, None]
    y = targets - targets.mean(1)[:, None]
    return (1 - functional.cosine_similarity(x, y, dim=1)).mean()


@right("10.2")
def row_by_row(predictions, targets):
    total = 0
    for p, t in zip(predictions, targets, strict=True):
        x, y = p - p.mean(), t - t.mean()
        length = torch.sqrt((x**2).sum() * (y**2).sum())
        total = total + 1
        if length > 0:
            total = total - (x * y).sum() / length
    return total / len(predictions)


@right("10.2")
def the_formula_of_sums_in_float64(predictions, targets):
    p, t, n = predictions.double(), targets.double(), predictions.shape[1]
    above = n * (p * t).sum(1) - p.sum(1) * t.sum(1)
    below = (n * (p * p).sum(1) - p.sum(1) ** 2) * (n * (t * t).sum(1) - t.sum(1) ** 2)
    return (1 - above / (below.clamp(min=0) + 1e-12).sqrt()).mean().float()


@right("10.2")
def covariance_over_deviations(predictions, targets):
    x = predictions - predictions.mean(1, keepdim=True)
    y = targets - targets.mean(1, keepdim=True)
    covariance = (x * y).mean(1)
    r = covariance / (x.std(1, unbiased=False) * y.std(1, unbiased=False)).clamp_min(1e-8)
    return torch.mean(1 - r)


@right("10.2")
def with_corrcoef(predictions, targets):
    found = []
    for p, t in zip(predictions, targets, strict=True):
        t = t - t.mean()
        if (t == 0).all():
            found.append(torch.zeros(()))
        else:
            found.append(torch.corrcoef(torch.stack([p - p.mean(), t]))[0, 1])
    return 1 - torch.stack(found).mean()


def _r(x, y, dim=1):
    x, y = x - x.mean(dim, keepdim=True), y - y.mean(dim, keepdim=True)
    return (x * y).sum(dim) / (x.norm(dim=dim) * y.norm(dim=dim) + 1e-8)


@wrong("10.2", "correlated across the batch")
def along_the_first_axis(predictions, targets):
    return (1 - _r(predictions, targets, dim=0)).mean()


@wrong("10.2", "all clips taken for one long wave")
def flattened(predictions, targets):
    return 1 - _r(predictions.flatten(), targets.flatten(), dim=0)


@wrong("10.2", "all clips taken for one long wave")
def means_of_everything(predictions, targets):
    x, y = predictions - predictions.mean(), targets - targets.mean()
    return 1 - (x * y).sum() / (x.norm() * y.norm() + 1e-8)


@wrong("10.2", "the distance, not the shape")
def the_other_loss(predictions, targets):
    return torch.nn.functional.mse_loss(predictions, targets)


@wrong("10.2", "the resemblance, not the loss")
def r_itself(predictions, targets):
    return _r(predictions, targets).mean()


@wrong("10.2", "a loss without a zero")
def minus_r(predictions, targets):
    return -_r(predictions, targets).mean()


@wrong("10.2", "upside down is forgiven")
def without_the_sign(predictions, targets):
    return (1 - _r(predictions, targets).abs()).mean()


@wrong("10.2", "r is squared")
def share_of_variance(predictions, targets):
    return (1 - _r(predictions, targets) ** 2).mean()


@wrong("10.2", "the mean is not taken away")
def cosine_of_the_raw_waves(predictions, targets):
    return (1 - functional.cosine_similarity(predictions, targets)).mean()


@wrong("10.2", "n in one place and n − 1 in the other")
def mean_of_products_of_standardised(predictions, targets):
    x = (predictions - predictions.mean(1, keepdim=True)) / (predictions.std(1, keepdim=True) + 1e-8)
    y = (targets - targets.mean(1, keepdim=True)) / (targets.std(1, keepdim=True) + 1e-8)
    return 1 - (x * y).mean(1).mean()


@wrong("10.2", "added up over the clips")
def sum_over_the_clips(predictions, targets):
    return (1 - _r(predictions, targets)).sum()


@wrong("10.2", "one loss for each clip")
def not_averaged(predictions, targets):
    return 1 - _r(predictions, targets)


@wrong("10.2", "the squared error of standardised waves")
def distances_of_standardised(predictions, targets):
    def standardised(wave):
        centred = wave - wave.mean(1, keepdim=True)
        return centred / (centred.std(1, keepdim=True, unbiased=False) + 1e-8)

    constant = targets.std(1, keepdim=True) == 0
    distance = (standardised(predictions) - standardised(targets)) ** 2
    return distance.where(~constant, distance.detach() * 0 + 2).mean()


@wrong("10.2", "a clip disappears")
def constant_labels_left_out(predictions, targets):
    keep = targets.std(dim=1) > 0
    return (1 - _r(predictions[keep], targets[keep])).mean()


@wrong("10.2", "a clip disappears")
def mean_without_nan(predictions, targets):
    x = predictions - predictions.mean(1, keepdim=True)
    y = targets - targets.mean(1, keepdim=True)
    lengths = x.norm(dim=1) * y.norm(dim=1)
    found = [1 - (a * b).sum() / length for a, b, length in zip(x, y, lengths, strict=True) if length > 0]
    return sum(found) / len(found)


@wrong("10.2", "the digits are lost")
def the_formula_of_sums(predictions, targets):
    n = predictions.shape[1]
    above = n * (predictions * targets).sum(1) - predictions.sum(1) * targets.sum(1)
    first = n * (predictions**2).sum(1) - predictions.sum(1) ** 2
    second = n * (targets**2).sum(1) - targets.sum(1) ** 2
    return (1 - above / (torch.sqrt((first * second).clamp(min=0)) + 1e-8)).mean()


@wrong("10.2", "the digits are lost")
def the_lectures(predictions, targets):
    predictions = (predictions - predictions.mean()) / predictions.std()
    targets = (targets - targets.mean()) / targets.std()
    total = 0
    n = predictions.shape[1]
    for p, t in zip(predictions, targets, strict=True):
        above = n * (p * t).sum() - p.sum() * t.sum()
        total += 1 - above / torch.sqrt((n * (p**2).sum() - p.sum() ** 2) * (n * (t**2).sum() - t.sum() ** 2))
    return total / len(predictions)


@wrong("10.2", "one constant label spoils the batch")
def without_epsilon(predictions, targets):
    x = predictions - predictions.mean(1, keepdim=True)
    y = targets - targets.mean(1, keepdim=True)
    return 1 - ((x * y).sum(1) / (x.norm(dim=1) * y.norm(dim=1))).mean()


def _r_without_epsilon(predictions, targets):
    x = predictions - predictions.mean(1, keepdim=True)
    y = targets - targets.mean(1, keepdim=True)
    return (x * y).sum(1) / (x.norm(dim=1) * y.norm(dim=1))


@wrong("10.2", "the value was mended, its gradient was not")
def nan_to_num(predictions, targets):
    return (1 - torch.nan_to_num(_r_without_epsilon(predictions, targets))).mean()


@wrong("10.2", "the value was mended, its gradient was not")
def chosen_afterwards(predictions, targets):
    r = _r_without_epsilon(predictions, targets)
    return (1 - torch.where(r.isnan(), torch.zeros_like(r), r)).mean()


@wrong("10.2", "a batch of one loses an axis")
def squeezed(predictions, targets):
    return (1 - _r(torch.squeeze(predictions), torch.squeeze(targets))).mean()


@wrong("10.2", diagnosing.GRADIENT_LOST)
def with_numpy(predictions, targets):
    rows = zip(predictions.detach().double().numpy(), targets.double().numpy(), strict=True)
    r = [np.corrcoef(p, t)[0, 1] if t.std() > 1e-9 else 0.0 for p, t in rows]
    return torch.tensor(1 - np.mean(r), dtype=torch.float32)


@wrong("10.2", diagnosing.GRADIENT_LOST)
def taken_out_at_the_end(predictions, targets):
    return (1 - _r(predictions, targets)).mean().item()


@wrong("10.2", diagnosing.GRADIENT_WRONG)
def lengths_cut_off(predictions, targets):
    x = predictions - predictions.mean(1, keepdim=True)
    y = targets - targets.mean(1, keepdim=True)
    return (1 - (x * y).sum(1) / ((x.norm(dim=1) * y.norm(dim=1)).detach() + 1e-8)).mean()


@wrong("10.2", diagnosing.ARGUMENT_CHANGED)
def labels_centred_in_place(predictions, targets):
    targets -= targets.mean(1, keepdim=True)
    return (1 - _r(predictions, targets)).mean()


@wrong("10.2", diagnosing.NOTHING)
def forgotten(predictions, targets):
    (1 - _r(predictions, targets)).mean()


@wrong("10.2", judging.PACKAGE_OWN)
def the_package_correlates(predictions, targets):
    return losses.neg_pearson(predictions, targets)


@wrong("10.2", judging.PACKAGE_OWN)
def the_package_as_a_module(predictions, targets):
    return losses.NegPearsonLoss()(predictions, targets)


# --- 10.3 The loss by its name ---------------------------------------------------------------------------------------


class NegPearsonLoss(torch.nn.Module):
    def forward(self, predictions, targets):
        return centred_with_epsilon(predictions, targets)


@right("10.3")
def from_a_dictionary(name):
    known = {"neg_pearson": NegPearsonLoss, "mse": torch.nn.MSELoss}
    if name not in known:
        raise NotImplementedError(f"no loss {name}; there are {list(known)}")
    return known[name]()


@right("10.3")
def if_by_if(name):
    if name == "neg_pearson":
        return NegPearsonLoss()
    if name == "mse":
        return torch.nn.MSELoss()
    raise NotImplementedError("unknown loss " + name + ", choose neg_pearson or mse")


@right("10.3")
def matched(name):
    match name:
        case "neg_pearson":
            return NegPearsonLoss()
        case "mse":
            return torch.nn.MSELoss(reduction="mean")
        case _:
            raise NotImplementedError(f"loss_fn is {name!r}, but must be 'mse' or 'neg_pearson'")


@right("10.3")
def caught_and_said_better(name):
    try:
        return {"neg_pearson": NegPearsonLoss(), "mse": torch.nn.MSELoss(), "l1": torch.nn.L1Loss()}[name]
    except KeyError:
        raise NotImplementedError(f"{name}: not one of neg_pearson, mse, l1") from None


@wrong("10.3", "a class, not a loss made of it")
def without_brackets(name):
    if name == "neg_pearson":
        return NegPearsonLoss
    if name == "mse":
        return torch.nn.MSELoss
    raise NotImplementedError(f"no {name}: neg_pearson, mse")


@wrong("10.3", "a function, not an object")
def without_a_module(name):
    match name:
        case "neg_pearson":
            return centred_with_epsilon
        case "mse":
            return functional.mse_loss
        case _:
            raise NotImplementedError(f"no {name}: neg_pearson, mse")


@wrong("10.3", "a part of the name is enough")
def by_a_part_of_it(name):
    if "pearson" in name:
        return NegPearsonLoss()
    if name == "mse":
        return torch.nn.MSELoss()
    raise NotImplementedError(f"no {name}: neg_pearson, mse")


@wrong("10.3", "a part of the name is enough")
def by_its_beginning(name):
    for known, made in (("neg_pearson", NegPearsonLoss), ("mse", torch.nn.MSELoss)):
        if name.startswith(known):
            return made()
    raise NotImplementedError(f"no {name}: neg_pearson, mse")


@wrong("10.3", "nothing is raised")
def falls_off_its_end(name):
    if name == "neg_pearson":
        return NegPearsonLoss()
    if name == "mse":
        return torch.nn.MSELoss()


@wrong("10.3", "nothing is raised")
def asked_gently(name):
    return {"neg_pearson": NegPearsonLoss(), "mse": torch.nn.MSELoss()}.get(name)


@wrong("10.3", "the names have changed places")
def crossed(name):
    if name == "neg_pearson":
        return torch.nn.MSELoss()
    if name == "mse":
        return NegPearsonLoss()
    raise NotImplementedError(f"no {name}: neg_pearson, mse")


@wrong("10.3", "an unknown name gets a loss all the same")
def with_a_default(name):
    return {"mse": torch.nn.MSELoss()}.get(name, NegPearsonLoss())


@wrong("10.3", "an unknown name gets a loss all the same")
def warned_and_went_on(name):
    if name == "neg_pearson":
        return NegPearsonLoss()
    if name != "mse":
        print(f"WARNING: unknown loss {name}: neg_pearson, mse")
    return torch.nn.MSELoss()


@wrong("10.3", "one loss, whatever the name")
def only_one_is_known(name):
    if name in ("neg_pearson", "mse"):
        return NegPearsonLoss()
    raise NotImplementedError(f"no {name}: neg_pearson, mse")


@wrong("10.3", "another kind of error")
def straight_from_the_dictionary(name):
    return {"neg_pearson": NegPearsonLoss(), "mse": torch.nn.MSELoss()}[name]


@wrong("10.3", "another kind of error")
def a_value_error(name):
    if name == "neg_pearson":
        return NegPearsonLoss()
    if name == "mse":
        return torch.nn.MSELoss()
    raise ValueError(f"no {name}: neg_pearson, mse")


@wrong("10.3", "the error does not help")
def without_a_word(name):
    if name == "neg_pearson":
        return NegPearsonLoss()
    if name == "mse":
        return torch.nn.MSELoss()
    raise NotImplementedError


@wrong("10.3", "the error does not help")
def only_what_was_asked_for(name):
    if name == "neg_pearson":
        return NegPearsonLoss()
    if name == "mse":
        return torch.nn.MSELoss()
    raise NotImplementedError(f"there is no loss {name}")


@wrong("10.3", diagnosing.NOTHING)
def built_and_forgotten(name):
    if name not in ("neg_pearson", "mse"):
        raise NotImplementedError(f"no {name}: neg_pearson, mse")
    NegPearsonLoss() if name == "neg_pearson" else torch.nn.MSELoss()


@wrong("10.3", judging.PACKAGE_OWN)
def the_package_chooses(name):
    return losses.get_loss(name)


# --- 10.4 A label that comes late, mended ----------------------------------------------------------------------------


@right("10.4")
def in_a_loop(label, reference, fs, max_lag):
    best, lag, polarity = 0.0, 0, 1
    for k in range(round(max_lag * fs) + 1):
        r = np.corrcoef(label[k:], reference[: len(reference) - k])[0, 1]
        if abs(r) > best:
            best, lag, polarity = abs(r), k, 1 if r > 0 else -1
    return lag / fs, polarity, polarity * label[lag:]


@right("10.4")
def with_scipy_pearson(label, reference, fs, max_lag):
    n = len(label)
    lags = np.arange(round(max_lag * fs) + 1)
    r = np.array([stats.pearsonr(label[k:], reference[: n - k]).statistic for k in lags])
    place = np.abs(r).argmax()
    return [lags[place] / fs, np.sign(r[place]), np.sign(r[place]) * label[lags[place] :]]


@right("10.4")
def with_one_cross_correlation(label, reference, fs, max_lag):
    a, b = label - label.mean(), reference - reference.mean()
    products = signal.correlate(a, b, mode="full")
    lags = signal.correlation_lags(len(a), len(b), mode="full")
    asked = (lags >= 0) & (lags <= round(max_lag * fs))
    products, lags = products[asked], lags[asked]
    place = int(np.argmax(np.abs(products / (len(a) - lags))))
    polarity = int(np.sign(products[place]))
    return float(lags[place] / fs), polarity, polarity * label[lags[place] :]


@right("10.4")
def with_torch(label, reference, fs, max_lag):
    y, x = torch.from_numpy(label), torch.from_numpy(reference)
    r = []
    for k in range(round(max_lag * fs) + 1):
        r.append(torch.corrcoef(torch.stack([y[k:], x[: len(x) - k]]))[0, 1])
    r = torch.stack(r)
    k = int(r.abs().argmax())
    polarity = r[k].sign().item()
    return k / fs, polarity, (polarity * y[k:]).numpy()


@right("10.4")
def both_ways_up_tried(label, reference, fs, max_lag):
    tried = []
    for polarity in (1, -1):
        for k in range(round(max_lag * fs) + 1):
            mended = polarity * label[k:]
            tried.append((np.corrcoef(mended, reference[: len(mended)])[0, 1], k, polarity))
    _, k, polarity = max(tried)
    return k / fs, polarity, polarity * label[k:]


def _strengths(label, reference, fs, max_lag, beyond=1):
    n = len(label)
    return np.array([np.corrcoef(label[k:], reference[: n - k])[0, 1] for k in range(round(max_lag * fs) + beyond)])


def _found(label, reference, fs, max_lag):
    r = _strengths(label, reference, fs, max_lag)
    k = int(np.abs(r).argmax())
    return k, 1 if r[k] > 0 else -1


@wrong("10.4", "upside down is overlooked")
def highest_r(label, reference, fs, max_lag):
    k = int(_strengths(label, reference, fs, max_lag).argmax())
    return k / fs, 1, label[k:]


@wrong("10.4", "the highest r, not the strongest")
def highest_r_and_its_sign(label, reference, fs, max_lag):
    r = _strengths(label, reference, fs, max_lag)
    k = int(np.argmax(r))
    polarity = 1 if r[k] > 0 else -1
    return k / fs, polarity, polarity * label[k:]


@wrong("10.4", "something was invented at its end")
def padded_with_zeros(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    return k / fs, polarity, np.pad(polarity * label[k:], (0, k))


@wrong("10.4", "something was invented at its end")
def last_value_goes_on(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    mended = polarity * label[k:]
    return k / fs, polarity, np.concatenate([mended, np.full(k, mended[-1])])


@wrong("10.4", "turned before it was shifted")
def turned_first(label, reference, fs, max_lag):
    polarity = 1 if np.corrcoef(label, reference)[0, 1] > 0 else -1
    turned = polarity * label
    k = int(_strengths(turned, reference, fs, max_lag).argmax())
    return k / fs, polarity, turned[k:]


@wrong("10.4", "looked for too early, not too late")
def the_other_direction(label, reference, fs, max_lag):
    n = len(label)
    r = [np.corrcoef(label[: n - k], reference[k:])[0, 1] for k in range(round(max_lag * fs) + 1)]
    k = int(np.abs(r).argmax())
    polarity = 1 if r[k] > 0 else -1
    return k / fs, polarity, polarity * label[k:]


@wrong("10.4", "the longest lag is never tried")
def range_without_plus_one(label, reference, fs, max_lag):
    r = _strengths(label, reference, fs, max_lag, beyond=0)
    k = int(np.abs(r).argmax())
    polarity = 1 if r[k] > 0 else -1
    return k / fs, polarity, polarity * label[k:]


@wrong("10.4", "samples, not seconds")
def counted_in_samples(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    return k, polarity, polarity * label[k:]


@wrong("10.4", "the end is glued to the beginning")
def rolled(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    return k / fs, polarity, np.roll(polarity * label, -k)


@wrong("10.4", "the wrong end is cut off")
def cut_behind(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    return k / fs, polarity, polarity * label[: len(label) - k]


@wrong("10.4", "found, and not turned over")
def not_turned(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    return k / fs, polarity, label[k:]


@wrong("10.4", "found, and not shifted")
def not_shifted(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    return k / fs, polarity, polarity * label


@wrong("10.4", diagnosing.PARTS)
def only_what_was_found(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    return k / fs, polarity


@wrong("10.4", "nothing is left where there is no lag")
def cut_to_minus_nothing(label, reference, fs, max_lag):
    r = [np.corrcoef(label[k:], reference[:-k])[0, 1] for k in range(round(max_lag * fs) + 1)]
    k = int(np.abs(r).argmax())
    return k / fs, int(np.sign(r[k])), np.sign(r[k]) * label[k:]


@wrong("10.4", diagnosing.ERROR)
def forgot_to_cut(label, reference, fs, max_lag):
    r = [np.corrcoef(label[k:], reference)[0, 1] for k in range(round(max_lag * fs) + 1)]
    k = int(np.abs(r).argmax())
    return k / fs, int(np.sign(r[k])), np.sign(r[k]) * label[k:]


@wrong("10.4", diagnosing.ARGUMENT_CHANGED)
def turned_in_place(label, reference, fs, max_lag):
    k, polarity = _found(label, reference, fs, max_lag)
    label *= polarity
    return k / fs, polarity, label[k:]
