"""Right and wrong answers to the exercises of lesson 07."""

import itertools
import math
import statistics

import h5py
import numpy as np
import torch
from answers import right, wrong
from scipy import signal

from rppg_lab import clips, evaluation, recordings
from rppg_lab.checks import diagnosing, judging

# --- 07.1 Every array in a file --------------------------------------------------------------------------------------


@right("07.1")
def visited(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item.shape}) if hasattr(item, "shape") else None)
    return found


def _walk(group, found):
    for item in group.values():
        if isinstance(item, h5py.Group):
            _walk(item, found)
        else:
            found[item.name] = tuple(item.shape)
    return found


@right("07.1")
def walked_with_recursion(path):
    """The names begin with a slash, as h5py gives them."""
    with h5py.File(path, "r") as file:
        return _walk(file, {})


@right("07.1")
def with_a_list_of_what_is_left(path):
    found = {}
    with h5py.File(path) as file:
        left = [("", file)]
        while left:
            name, item = left.pop()
            if isinstance(item, h5py.Dataset):
                found[name] = list(item.shape)
            else:
                left += [(f"{name}/{key}" if name else key, item[key]) for key in item]
    return found


@right("07.1")
def names_first(path):
    names = []
    with h5py.File(path) as file:
        file.visit(names.append)
        return {name: np.shape(file[name]) for name in names if not isinstance(file[name], h5py.Group)}


@wrong("07.1", "only the top level")
def what_stands_at_the_top(path):
    with h5py.File(path) as file:
        return {name: item.shape for name, item in file.items() if isinstance(item, h5py.Dataset)}


@wrong("07.1", "the walk stopped after the first array")
def a_visitor_that_returns(path):
    found = {}

    def look(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item.shape
            return found
        return None

    with h5py.File(path) as file:
        file.visititems(look)
    return found


@wrong("07.1", "the walk stopped after the first array")
def a_visitor_that_always_returns(path):
    found = {}

    def look(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item.shape
        return found

    with h5py.File(path) as file:
        file.visititems(look)
    return found


@wrong("07.1", "only so many levels deep")
def group_by_group(path):
    found = {}
    with h5py.File(path) as file:
        for name, group in file.items():
            if isinstance(group, h5py.Dataset):
                found[name] = group.shape
                continue
            for key, item in group.items():
                if isinstance(item, h5py.Dataset):
                    found[f"{name}/{key}"] = item.shape
    return found


@wrong("07.1", "groups are listed as well")
def everything(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: getattr(item, "shape", ())}))
    return found


@wrong("07.1", "only the last part of the name")
def short_names(path):
    found = {}
    with h5py.File(path) as file:
        for name in visited(path):
            found[name.split("/")[-1]] = file[name].shape
    return found


@wrong("07.1", "the values are read")
def values(path):
    with h5py.File(path) as file:
        return {name: file[name][()] for name in visited(path)}


@wrong("07.1", "what comes back is still in the file")
def places(path):
    file = h5py.File(path)
    return {name: file[name] for name in visited(path)}


@wrong("07.1", "a single number is overlooked")
def if_there_is_a_shape(path):
    return {name: shape for name, shape in visited(path).items() if shape}


@wrong("07.1", diagnosing.ERROR)
def a_group_has_no_shape(path):
    with h5py.File(path) as file:
        return {name: file[name].shape for name in file}


@wrong("07.1", diagnosing.TYPE)
def a_list_of_pairs(path):
    return list(visited(path).items())


@wrong("07.1", judging.PACKAGE_OWN)
def the_package_lists(path):
    return recordings.list_arrays(path)


# --- 07.2 One clip at a time -----------------------------------------------------------------------------------------


@right("07.2")
class Places:
    def __init__(self, path):
        self.path, self.places = path, []
        with h5py.File(path) as file:
            for name in file:
                for k in range(file[name]["preprocessed_video"].shape[0]):
                    self.places.append((name, k))

    def __len__(self):
        return len(self.places)

    def __getitem__(self, i):
        name, k = self.places[i]
        with h5py.File(self.path) as file:
            video, label = file[f"{name}/preprocessed_video"][k], file[f"{name}/preprocessed_label"][k]
        video = torch.tensor(video.transpose(3, 0, 1, 2), dtype=torch.float32)
        return video, torch.tensor(label, dtype=torch.float32)


@right("07.2")
class FileKeptOpen(torch.utils.data.Dataset):
    """With sums of counts and a file that stays open, opened at the first item."""

    def __init__(self, path):
        self.path, self.file = path, None
        with h5py.File(path) as file:
            self.names = list(file)
            self.ends = np.cumsum([len(file[name]["preprocessed_label"]) for name in self.names])

    def __len__(self):
        return int(self.ends[-1])

    def __getitem__(self, i):
        if self.file is None:
            self.file = h5py.File(self.path)
        which = int(np.searchsorted(self.ends, i, side="right"))
        k = i - (int(self.ends[which - 1]) if which else 0)
        group = self.file[self.names[which]]
        video = torch.from_numpy(group["preprocessed_video"][k].astype(np.float32))
        return torch.movedim(video, -1, 0), torch.from_numpy(group["preprocessed_label"][k].astype(np.float32))


@right("07.2")
class FrameByFrame:
    def __init__(self, path):
        self.path = path

    def __len__(self):
        with h5py.File(self.path) as file:
            return sum(group["preprocessed_label"].shape[0] for group in file.values())

    def __getitem__(self, i):
        with h5py.File(self.path) as file:
            for group in file.values():
                count = group["preprocessed_label"].shape[0]
                if i < count:
                    frames = [torch.as_tensor(frame).float() for frame in group["preprocessed_video"][i]]
                    video = torch.stack([frame.permute(2, 0, 1) for frame in frames], dim=1)
                    return video, torch.as_tensor(group["preprocessed_label"][i]).float()
                i -= count
        raise IndexError(i)


@right("07.2")
class MuchIsLoadedAtFirstUse(Places):
    """As when it is the first to import a module: what is loaded once is no clip."""

    loaded = None

    def __init__(self, path):
        if MuchIsLoadedAtFirstUse.loaded is None:
            MuchIsLoadedAtFirstUse.loaded = bytearray(3_000_000)
        super().__init__(path)


@wrong("07.2", "everything is read at the beginning")
class Everything:
    def __init__(self, path):
        videos, labels = [], []
        with h5py.File(path) as file:
            for group in file.values():
                videos.extend(group["preprocessed_video"][:])
                labels.extend(group["preprocessed_label"][:])
        self.videos, self.labels = np.asarray(videos), np.asarray(labels)

    def __len__(self):
        return len(self.videos)

    def __getitem__(self, i):
        video = torch.from_numpy(self.videos[i]).float().permute(3, 0, 1, 2)
        return video, torch.from_numpy(self.labels[i]).float()


@wrong("07.2", "a whole recording is read for one clip")
class ThenPicked(Places):
    def __getitem__(self, i):
        name, k = self.places[i]
        with h5py.File(self.path) as file:
            video = file[name]["preprocessed_video"][:][k]
            label = file[name]["preprocessed_label"][:][k]
        return torch.from_numpy(video).float().permute(3, 0, 1, 2), torch.from_numpy(label).float()


class _Changed(Places):
    """The right items with something done to the video."""

    @staticmethod
    def change(video):
        raise NotImplementedError

    def __getitem__(self, i):
        video, label = super().__getitem__(i)
        return self.change(video), label


@wrong("07.2", "axes in another order")
class ColourLast(_Changed):
    change = staticmethod(lambda video: video.permute(1, 2, 3, 0).contiguous())


@wrong("07.2", "time and colour are read for each other")
class Reshaped(_Changed):
    @staticmethod
    def change(video):
        stored = video.permute(1, 2, 3, 0).contiguous()
        return stored.reshape(video.shape)


@wrong("07.2", "pixels from 0 to 255")
class Times255(_Changed):
    change = staticmethod(lambda video: 255 * video)


@wrong("07.2", "divided by 255 once more")
class By255(_Changed):
    change = staticmethod(lambda video: video / 255)


@wrong("07.2", "numbers of 64 bits")
class AsStored(Places):
    def __getitem__(self, i):
        name, k = self.places[i]
        with h5py.File(self.path) as file:
            video, label = file[name]["preprocessed_video"][k], file[name]["preprocessed_label"][k]
        return torch.from_numpy(video).permute(3, 0, 1, 2), torch.from_numpy(label)


@wrong("07.2", "people are counted, not clips")
class People(Places):
    def __len__(self):
        with h5py.File(self.path) as file:
            return len(file)


@wrong("07.2", "frames are counted, not clips")
class Frames(Places):
    def __len__(self):
        with h5py.File(self.path) as file:
            return sum(group["preprocessed_label"].size for group in file.values())


@wrong("07.2", diagnosing.ERROR)
class FirstPersonOnly:
    """Knows nothing of a second group."""

    def __init__(self, path):
        self.file = h5py.File(path)
        self.group = self.file[next(iter(self.file))]

    def __len__(self):
        return len(self.group["preprocessed_label"])

    def __getitem__(self, i):
        video = torch.from_numpy(self.group["preprocessed_video"][i]).float().permute(3, 0, 1, 2)
        return video, torch.from_numpy(self.group["preprocessed_label"][i]).float()


@wrong("07.2", "another number of clips")
class AsManyAsTheFirst(Places):
    def __init__(self, path):
        super().__init__(path)
        first = sum(name == self.places[0][0] for name, _ in self.places)
        self.count = first * len({name for name, _ in self.places})

    def __len__(self):
        return self.count


@wrong("07.2", "the label of another clip")
class AlwaysTheFirstLabel(Places):
    def __getitem__(self, i):
        video, _ = super().__getitem__(i)
        name, _ = self.places[i]
        with h5py.File(self.path) as file:
            return video, torch.from_numpy(file[name]["preprocessed_label"][0]).float()


@wrong("07.2", "the file is closed")
class ArraysKept:
    def __init__(self, path):
        self.places = []
        with h5py.File(path) as file:
            for group in file.values():
                video, label = group["preprocessed_video"], group["preprocessed_label"]
                self.places += [(video, label, k) for k in range(len(label))]

    def __len__(self):
        return len(self.places)

    def __getitem__(self, i):
        video, label, k = self.places[i]
        return torch.from_numpy(video[k]).float().permute(3, 0, 1, 2), torch.from_numpy(label[k]).float()


@wrong("07.2", "the file is closed")
class FileClosed(Places):
    def __init__(self, path):
        super().__init__(path)
        with h5py.File(path) as file:
            self.groups = list(file.values())

    def __getitem__(self, i):
        return torch.from_numpy(self.groups[0]["preprocessed_video"][i]), None


@wrong("07.2", judging.PACKAGE_OWN)
class ThePackageCuts:
    def __init__(self, path):
        self.clips = clips.ClipDataset(path, clip_length=12, size=16, normalise="raw")

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, i):
        return self.clips[i]


# --- 07.3 The lag in seconds -----------------------------------------------------------------------------------------


def _pair(label, pulse, k):
    return label[max(k, 0) : len(label) + min(k, 0)], pulse[max(-k, 0) : len(pulse) - max(k, 0)]


@right("07.3")
def every_shift(label, pulse, fs, most):
    best, highest = 0, -2.0
    for k in range(-round(most * fs), round(most * fs) + 1):
        r = np.corrcoef(*_pair(label, pulse, k))[0, 1]
        if r > highest:
            best, highest = k, r
    return best / fs


@right("07.3")
def by_correlate(label, pulse, fs, most):
    products = signal.correlate(label - label.mean(), pulse - pulse.mean(), mode="full")
    lags = signal.correlation_lags(len(label), len(pulse), mode="full")
    near = abs(lags) <= round(most * fs)
    return lags[near][products[near].argmax()] / fs


@right("07.3")
def rolled(label, pulse, fs, most):
    """Round the corner; a few samples of twenty seconds do no harm."""
    a, b = torch.tensor(label), torch.tensor(pulse)
    shifts = list(range(-math.floor(most * fs), math.floor(most * fs) + 1))
    r = [torch.corrcoef(torch.stack([torch.roll(a, -k), b]))[0, 1].item() for k in shifts]
    return shifts[r.index(max(r))] / fs


@right("07.3")
def between_the_frames(label, pulse, fs, most):
    """With a parabola through the three highest."""
    shifts = np.arange(-round(most * fs), round(most * fs) + 1)
    r = np.array([statistics.correlation(*(x.tolist() for x in _pair(label, pulse, int(k)))) for k in shifts])
    i = int(r.argmax())
    if 0 < i < len(r) - 1:
        return float(shifts[i] + 0.5 * (r[i - 1] - r[i + 1]) / (r[i - 1] - 2 * r[i] + r[i + 1])) / fs
    return shifts[i] / fs


@wrong("07.3", "early and late mixed up")
def the_other_way_round(label, pulse, fs, most):
    return every_shift(pulse, label, fs, most)


@wrong("07.3", "frames, not seconds")
def how_many_frames(label, pulse, fs, most):
    return round(every_shift(label, pulse, fs, most) * fs)


@wrong("07.3", "the place in the list, not the shift")
def where_in_the_list(label, pulse, fs, most):
    k = round(most * fs)
    return np.argmax([np.corrcoef(*_pair(label, pulse, shift))[0, 1] for shift in range(-k, k + 1)]) / fs


@wrong("07.3", "the place in the list, not the shift")
def where_in_the_correlation(label, pulse, fs, most):
    return int(np.correlate(label - label.mean(), pulse - pulse.mean(), "full").argmax())


@wrong("07.3", "30 frames per second taken for granted")
def thirty(label, pulse, fs, most):
    return every_shift(label, pulse, fs, most) * fs / 30


@wrong("07.3", "only late labels are looked for")
def from_zero(label, pulse, fs, most):
    r = [np.corrcoef(*_pair(label, pulse, k))[0, 1] for k in range(round(most * fs) + 1)]
    return int(np.argmax(r)) / fs


@wrong("07.3", "the last shift is left out")
def range_without_its_end(label, pulse, fs, most):
    shifts = range(-int(most * fs), int(most * fs))
    return shifts[int(np.argmax([np.corrcoef(*_pair(label, pulse, k))[0, 1] for k in shifts]))] / fs


@wrong("07.3", "seconds taken for frames")
def most_is_no_number_of_frames(label, pulse, fs, most):
    shifts = range(-int(most), int(most) + 1)
    return shifts[int(np.argmax([np.corrcoef(*_pair(label, pulse, k))[0, 1] for k in shifts]))] / fs


@wrong("07.3", "upside down counts as alike")
def without_the_sign(label, pulse, fs, most):
    shifts = range(-round(most * fs), round(most * fs) + 1)
    return shifts[int(np.argmax([abs(np.corrcoef(*_pair(label, pulse, k))[0, 1]) for k in shifts]))] / fs


@wrong("07.3", "the mean is left in")
def products_as_they_are(label, pulse, fs, most):
    k = round(most * fs)
    products = np.correlate(label, pulse, "full")[len(pulse) - 1 - k : len(pulse) + k]
    return (int(products.argmax()) - k) / fs


@wrong("07.3", "the correlation, not the lag")
def how_alike(label, pulse, fs, most):
    k = round(most * fs)
    return max(np.corrcoef(*_pair(label, pulse, shift))[0, 1] for shift in range(-k, k + 1))


@wrong("07.3", diagnosing.SHAPE)
def all_of_them(label, pulse, fs, most):
    k = round(most * fs)
    return np.array([np.corrcoef(*_pair(label, pulse, shift))[0, 1] for shift in range(-k, k + 1)])


@wrong("07.3", diagnosing.ERROR)
def lengths_that_differ(label, pulse, fs, most):
    return max(range(9), key=lambda k: np.corrcoef(label[k:], pulse)[0, 1]) / fs


@wrong("07.3", judging.PACKAGE_OWN)
def the_package_knows(label, pulse, fs, most):
    return evaluation.wave_lag(label, pulse, fs, most)[0]


# --- 07.4 Check a recording ------------------------------------------------------------------------------------------


def _refusing(lengths=True, finite=True, changing=True, increasing=True, rate=True, words="{} is wrong"):
    """The right answer, or one with a question left out."""

    def answer(frames, time, bvp, fs):
        if lengths and len({len(frames), len(time), len(bvp)}) > 1:
            raise ValueError(words.format("length"))
        if finite and not (np.isfinite(time).all() and np.isfinite(bvp).all()):
            raise ValueError(words.format("a value"))
        if changing and (np.asarray(bvp) == bvp[0]).all():
            raise ValueError(words.format("label"))
        if increasing and not (time[1:] > time[:-1]).all() and not np.isnan(time).any():
            raise ValueError(words.format("time"))
        if rate and abs((len(time) - 1) / (time[-1] - time[0]) / fs - 1) > 0.05:
            raise ValueError(words.format("fs"))

    return answer


right("07.4")(_refusing())


@right("07.4")
def in_loops(frames, time, bvp, fs):
    problems = []
    if frames.shape[0] != len(time) or len(time) != len(bvp):
        problems.append("lengths disagree")
    for value in [*time, *bvp]:
        if math.isnan(value) or math.isinf(value):
            problems.append(f"{value} is no number")
    for before, after in itertools.pairwise(time):
        if not after > before:
            problems.append(f"{after} s comes after {before} s")
    if max(bvp) - min(bvp) == 0:
        problems.append("constant label")
    if not problems and not 0.95 <= (1 / float(np.mean(np.diff(time)))) / fs <= 1.05:
        problems.append("another rate")
    if problems:
        raise ValueError("; ".join(problems))


@right("07.4")
def with_an_error_of_its_own(frames, time, bvp, fs):
    class BadRecording(ValueError):
        pass

    time, bvp = torch.as_tensor(time), torch.as_tensor(bvp)
    step = time.diff()
    wrong_parts = {
        "lengths": not len(frames) == len(time) == len(bvp),
        "not finite": not bool(torch.isfinite(time).all() and torch.isfinite(bvp).all()),
        "flat": len(torch.unique(bvp)) == 1,
        "order": bool((step <= 0).any()),
        "rate": bool(abs(1 / step.median() / fs - 1) > 0.05),
    }
    if any(wrong_parts.values()):
        raise BadRecording(", ".join(name for name, found in wrong_parts.items() if found))


wrong("07.4", "lengths are not compared")(_refusing(lengths=False))
wrong("07.4", "what is not a number gets through")(_refusing(finite=False))
wrong("07.4", "a label without any pulse gets through")(_refusing(changing=False))
wrong("07.4", "time may stand still or go back")(_refusing(increasing=False))
wrong("07.4", "the rate is believed")(_refusing(rate=False))
wrong("07.4", "refused without a word")(_refusing(words=""))


@wrong("07.4", "what is not a number gets through")
def compared_with_nan(frames, time, bvp, fs):
    _refusing(finite=False)(frames, time, bvp, fs)
    if any(value == np.nan for value in bvp):
        raise ValueError("NaN")


@wrong("07.4", "time may stand still or go back")
def the_ends_only(frames, time, bvp, fs):
    _refusing(increasing=False)(frames, time, bvp, fs)
    if time[-1] <= time[0]:
        raise ValueError("time goes back")


@wrong("07.4", "lengths are not compared")
def label_against_time(frames, time, bvp, fs):
    _refusing(lengths=False)(frames, time, bvp, fs)
    if len(bvp) < len(time):
        raise ValueError("the label is short")


@wrong("07.4", "a good recording is refused")
def perfectly_even(frames, time, bvp, fs):
    _refusing()(frames, time, bvp, fs)
    if not np.allclose(np.diff(time), 1 / fs):
        raise ValueError("uneven times")


@wrong("07.4", "a good recording is refused")
def never_the_same_twice(frames, time, bvp, fs):
    _refusing()(frames, time, bvp, fs)
    if (np.diff(bvp) == 0).any():
        raise ValueError("the sensor came off")


@wrong("07.4", "stricter than asked for")
def one_per_cent(frames, time, bvp, fs):
    _refusing()(frames, time, bvp, fs)
    if abs(1 / np.diff(time).mean() / fs - 1) > 0.01:
        raise ValueError("another rate")


@wrong("07.4", "the rate is believed")
def a_tenth(frames, time, bvp, fs):
    _refusing(rate=False)(frames, time, bvp, fs)
    if abs(1 / np.diff(time).mean() / fs - 1) > 0.1:
        raise ValueError("another rate")


@wrong("07.4", "another kind of error")
def asserted(frames, time, bvp, fs):
    assert len(frames) == len(time) == len(bvp), "lengths"
    _refusing()(frames, time, bvp, fs)


@wrong("07.4", "another kind of error")
def a_type_error(frames, time, bvp, fs):
    if not len(frames) == len(time) == len(bvp):
        raise TypeError("lengths disagree")
    _refusing()(frames, time, bvp, fs)


@wrong("07.4", diagnosing.ERROR)
def a_key_that_is_not_there(frames, time, bvp, fs):
    if len(frames) != {}[len(time)]:
        raise ValueError("lengths disagree")


@wrong("07.4", "said, not raised")
def bad_or_good(frames, time, bvp, fs):
    try:
        _refusing()(frames, time, bvp, fs)
    except ValueError:
        return "bad"
    return "good"


@wrong("07.4", "said, not raised")
def printed(frames, time, bvp, fs):
    try:
        _refusing()(frames, time, bvp, fs)
    except ValueError as error:
        print(error)


@wrong("07.4", "said, not raised")
def says_yes_or_no(frames, time, bvp, fs):
    try:
        _refusing()(frames, time, bvp, fs)
    except ValueError:
        return False
    return True


@wrong("07.4", judging.PACKAGE_OWN)
def the_package_checks(frames, time, bvp, fs):
    recordings.check_recording(recordings.Recording("anna", fs, time, bvp, frames))
