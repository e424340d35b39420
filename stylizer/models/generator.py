"""The deployed network: a U-Net of inverted residuals with additive skips, encoder and decoder apart.

Only operations that int8 TFLite and the GPU delegate run: convolution,
depthwise convolution, batch norm (folds away), ReLU and ReLU6, sums and
products, pooling and bilinear enlarging (of the photo's colours alone),
joining of channels, logistic, softmax (strokes that are laid alone) and
depth-to-space. No normalisation over the picture, no transposed
convolution, no full-resolution convolution: the last layer works at half size
and depth-to-space makes the pixels.

Encoder and decoder are separate models because training warps the features
between them (DESIGN: feature-space alignment); `Generator` is their
composition, and what is exported.

A flat wall gives a convolution nothing to draw strokes from: it would answer
with a flat tone or a woven grid. So the decoder also gets a `grain`, a fixed
noise picture that looks like the style's strokes (training/grain.py), and says
at each place how strongly it shows, as StyleGAN's synthesis scales its noise
(Karras et al. 2019). It shows as it is, and drawn out into strokes of eight
directions (layers/stroke_bank.py), fine ones and broad dabs, for styles whose brush follows the form. Where a style
lays opaque strokes, it instead tells which of the photo's places each place takes its colour from
(layers/laid_strokes.py).

A drawing is put together as losses/grain.py does it: tones, of which dark lines leave a share, and strokes added
to that. Contours are drawn from the contrast of the tones themselves (layers/contour.py): where tones end is known, and
a line there need not be learned pixel by pixel. Lines along the form are found in the photo's luma, which the encoder
hands on for them, by a bank of eight directions (layers/lines.py); the network says at each place which it follows.

The photo itself reaches the head by a shortcut, one linear map for all pixels:
before anything is learned the network already shows the photo, in the style's
tones if it is told them (`start_from`), and what remains to be drawn is the rest.
The shortcut is a Laplacian pyramid (Burt, Adelson 1983), and the network says at
each place how much of each band passes: a painter who levels hair closes the
fine bands there, where a sum alone would have to cancel strand by strand.
"""

import functools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from stylizer.errors import ConfigError
from stylizer.layers.contour import LINE_FROM, LINE_FULL, LINE_PX, block_luma, contrast_kernel
from stylizer.layers.fixed_convolution import FixedConvolution
from stylizer.layers.laid_strokes import (
    LOWEST,
    PHASES,
    TOPMOST,
    distance_kernel,
    enlarging_kernel,
    nearness,
    neighbours_kernel,
    priority_kernel,
    tone_kernel,
)
from stylizer.layers.lines import after_mixing, cell_luma, line_bank
from stylizer.layers.stroke_bank import (
    DAB_EDGE,
    DAB_GAIN,
    DIRECTIONS,
    OVERLAPPING,
    PAIR,
    dab_kernels,
    gathering_kernel,
    spreading_kernel,
    stroke_kernels,
    to_pixels,
)

L = tf.keras.layers


@dataclass(frozen=True)
class GeneratorSize:
    """Widths at 1/2, 1/4, 1/8 and 1/16 of the picture; residual blocks at 1/8 and 1/16; expansion in blocks."""

    widths: tuple[int, int, int, int]
    blocks: tuple[int, int]
    expansion: int
    refine: bool  # a 3x3 convolution at half size before the head
    brush: bool  # whether it has any of BRUSHES and LAID


SIZES = {
    "nano": GeneratorSize(widths=(16, 24, 48, 96), blocks=(2, 3), expansion=3, refine=False, brush=False),
    "base": GeneratorSize(widths=(16, 32, 64, 128), blocks=(3, 3), expansion=3, refine=True, brush=True),
}
# a picture's sides must be multiples of this
STRIDE = 16
# the grain repeats without a seam after so many cells of 2 x 2 pixels, which are its channels
GRAIN_SIDE = 128
# how strongly it shows before anything is learned: about what hatching has
GRAIN_GAIN = 0.075
# logits for a colour's distance from mid-grey (1): through the logistic they come out as about that colour
COPY_GAIN = 5.0
# the layers that `start_from` sets
COPY, GAIN, ALONG, DABS = "copy_s2", "gain_s2", "along_s2", "dab_gain_s2"
CONTRAST, CONTOURS = "contrast_s4", "contour_gain_s2"
LINE_BANK, LINES = "line_directions_s4", "line_gain_s2"
LAID_TONE = "laid_tone_s4"
FINE_GATES = ("gate1_s2", "gate2_s2")  # of what strokes that are laid would hide
BRUSHES = ("strokes", "dabs", "contours", "lines")  # what a size with a brush draws if nothing else is said
LAID = "laid"  # and what it can in place of dabs
LEAST_SHOWN = 2.0  # deviation of a drawing, in levels of 255: int8 makes one of 2 to 4
# what white is before the last layer
FULL = 6.0
# logits of what is kept of a tone where no line is
MOST_KEPT = 4.0
# from contrast to what ReLU6 lets through: nothing at LINE_FROM, all at LINE_FULL
LINE_SLOPE = 6.0 / (LINE_FULL - LINE_FROM)
# of each direction, before anything is learned: a line shows in about three of the eight
LINE_SHARE = 3.0 / DIRECTIONS
# what the picture is put together in: bfloat16 has too few levels for it, and for the contrast of lines
PICTURE_DTYPE = "float32"
# how many half-size cells are averaged for the levels of the shortcut's pyramid
LEVELS = (2, 4, 8)


class Generator(tf.keras.Model):
    """Draws pictures of one domain in the other.

    Call: images [B, H, W, 3] float in [0, 1], RGB, H and W multiples of 16 ->
    images of the same shape and range, float32.

    Args:
      size: "nano" or "base".
      brushes: those that it has, of BRUSHES and LAID; BRUSHES if None, as far as its size can have them.

    Attributes:
      encoder: images in [-1, 1] -> what `encode` gives.
      decoder: such a list of features, and after them the grain [B, H / 2, W / 2, 4] -> images.
      grain: float32 [1, 128, 128, 4], see `losses.grain.for_generator`; not trained; 0 for none.

    Raises:
      ConfigError: `size` is neither "nano" nor "base".
    """

    def __init__(self, size: str = "base", name: str = "generator", brushes: Collection[str] | None = None):
        super().__init__(name=name)
        if size not in SIZES:
            raise ConfigError(f"model.generator: got {size!r}; choose one of {', '.join(SIZES)}")
        spec = SIZES[size]
        self.size = size
        wanted = BRUSHES if brushes is None else brushes
        self.brushes = tuple(b for b in (*BRUSHES, LAID) if spec.brush and b in wanted)
        self.encoder = _build_encoder(spec, "lines" in self.brushes)
        self.decoder = _build_decoder(spec, self.brushes)
        self.grain = self.add_weight("grain", [1, GRAIN_SIDE, GRAIN_SIDE, 4], tf.float32, "zeros", trainable=False)

    def call(self, images: tf.Tensor, training: bool = False, grain: tf.Tensor | None = None) -> tf.Tensor:
        features = self.encode(images, training=training)
        if grain is None:
            grain = self.grain_under(features[0])
        return self.decoder([*features, tf.cast(grain, features[0].dtype)], training=training)

    def encode(self, images: tf.Tensor, training: bool = False) -> list[tf.Tensor]:
        """Features of images in [0, 1]: the photo's own share in the result at half size (the logits of each cell's
        2 x 2 pixels as channels), then features at 1/2, 1/4, 1/8, 1/16 of the size, and for lines the luma of 2 x 2
        cells as channels, at 1/4."""
        # zero-mean values for the first convolution, and zero padding means mid-grey; outside the encoder, since in
        # the deployed graph this is the input's scale and costs nothing
        return self.encoder(2.0 * images - 1.0, training=training)

    def grain_under(self, features: tf.Tensor) -> tf.Tensor:
        """The grain repeated as far as the features reach: [B, h, w, 4]."""
        if None not in features.shape[:3]:  # plain numbers keep the shape static
            batch, height, width = features.shape[:3]
        else:
            batch, height, width = tf.unstack(tf.shape(features)[:3])
        tiled = tf.tile(self.grain, [batch, -(-height // GRAIN_SIDE), -(-width // GRAIN_SIDE), 1])
        return tiled[:, :height, :width]

    def draw(self, picture: np.ndarray, grain: np.ndarray | None = None) -> np.ndarray:
        """Draws one picture uint8 [H, W, 3]; the result is the same. Both sides must be multiples of 16."""
        drawn = self(tf.constant(picture[None], tf.float32) / 255.0, grain=grain).numpy()[0]
        return np.clip(drawn * 255.0 + 0.5, 0, 255).astype(np.uint8)

    def build_variables(self) -> None:
        """Makes the variables, as Keras does at the first call."""
        self(tf.zeros([1, STRIDE, STRIDE, 3]))

    def brushes_used(self, pictures: Iterable[np.ndarray]) -> tuple[str, ...]:
        """Those of its brushes without which one of these pictures, uint8 [H, W, 3], would look otherwise; a style may
        learn to use none."""
        wanted = [(picture, self.draw(picture).astype(np.float32)) for picture in pictures] if self.brushes else []
        used = self.brushes
        for brush in self.brushes:
            rest = tuple(b for b in used if b != brush)
            without = self.with_brushes(rest)
            changes = (float(np.sqrt(np.mean(np.square(without.draw(picture) - drawn)))) for picture, drawn in wanted)
            if all(change < LEAST_SHOWN for change in changes):
                used = rest
        return used

    def with_brushes(self, brushes: Collection[str]) -> "Generator":
        """The same network with these of its brushes alone."""
        bare = Generator(self.size, self.name, brushes)
        bare.build_variables()
        for mine, others in ((self.encoder, bare.encoder), (self.decoder, bare.decoder)):
            for layer in others.layers:
                layer.set_weights(mine.get_layer(layer.name).get_weights() if layer.weights else [])
        bare.grain.assign(self.grain)
        return bare

    def start_from(self, matrix: np.ndarray, bias: np.ndarray, gain: float, along_form: bool = False,
                   dabs: float = 0.0, lines: float = 0.0, line_px: float = LINE_PX,
                   lines_along_form: bool = False, led: bool = False) -> None:
        """Sets what is drawn before anything is learned: tones of logits matrix [3, 3] x RGB + bias [3], and over them
        gain x grain.

        With `along_form` the grain shows in strokes of all directions instead, a little, with `led` in both ways, in
        `dabs` as strong relative to the tone, and `lines` are as dark and wide as in `Simplification`, all of it for
        sizes with a brush. Who can lay strokes begins with the whole picture laid, in tones that far apart.
        """
        # the convolution sees 2 RGB - 1
        self.encoder.get_layer(COPY).set_weights([_each_pixel(matrix / 2.0), np.tile(bias + matrix.sum(1) / 2.0, 4)])
        self.decoder.get_layer(GAIN).bias.assign(tf.fill([4], 0.0 if along_form else gain))
        if "strokes" in self.brushes:
            self.decoder.get_layer(ALONG).set_weights([FULL * gain * (along_form or led) * to_pixels(3)])
        if "dabs" in self.brushes:
            self.decoder.get_layer(DABS).bias.assign([0.5 * dabs])  # at a middle tone
        if LAID in self.brushes:
            self.decoder.get_layer(LAID_TONE).bias.assign([2.0 * dabs])  # a logit's share of a middle tone
            for gate in FINE_GATES:
                self.decoder.get_layer(gate).bias.assign(tf.zeros_like(self.decoder.get_layer(gate).bias))
        least = np.clip(1.0 - lines, 0.02, 0.98)
        darkest = (np.log(least / (1.0 - least)) - MOST_KEPT) / 6.0
        if "contours" in self.brushes:
            self.decoder.get_layer(CONTOURS).bias.assign([0.0 if lines_along_form else darkest] * 4)
            self.decoder.get_layer(CONTRAST).kernel.assign(LINE_SLOPE * contrast_kernel(line_px))
        if "lines" in self.brushes:
            self.decoder.get_layer(LINES).bias.assign([darkest if lines_along_form else 0.0] * 4)
            self.decoder.get_layer(LINE_BANK).kernel.assign(line_bank(line_px))

    def get_config(self) -> dict:
        return {"size": self.size, "name": self.name, "brushes": self.brushes}


def brushes_of(laid: bool) -> tuple[str, ...]:
    """The brushes of a run's network, with strokes that are laid or without."""
    return tuple(LAID if laid and brush == "dabs" else brush for brush in BRUSHES)


def count_macs(generator: Generator, side: int = 512) -> int:
    """Multiply-accumulates of one picture of side x side pixels (convolutions; the rest is additions)."""
    macs = 0
    for model in (generator.encoder, generator.decoder):
        for layer in model.layers:
            if isinstance(layer, L.Conv2D | L.DepthwiseConv2D | FixedConvolution):
                # every tensor's size is known relative to the picture by the layer's name: "..._s<stride>"
                out_side = side // int(layer.name.rsplit("_s", 1)[1])
                kernel = layer.depthwise_kernel if isinstance(layer, L.DepthwiseConv2D) else layer.kernel
                macs += out_side * out_side * int(np.prod(kernel.shape))
    return macs


def _conv(x, channels: int, kernel: int, name: str, stride: int = 1, activation: bool = True,
          initializer: str | tf.keras.initializers.Initializer = "he_normal"):
    """Convolution, batch norm and (where it is no linear bottleneck) ReLU6; `name` ends in _s<output stride>."""
    x = L.Conv2D(channels, kernel, stride, padding="same", use_bias=False, kernel_initializer=initializer, name=name)(x)
    return _norm(x, name, activation)


def _norm(x, name: str, activation: bool = True):
    x = L.BatchNormalization(momentum=0.97, epsilon=1e-3, synchronized=True, name=f"{name}_bn")(x)
    return L.ReLU(max_value=6.0, name=f"{name}_relu")(x) if activation else x


def _block(x, expansion: int, name: str, stride: int):
    """Inverted residual (Sandler et al. 2018): expand, filter each channel, project, add."""
    channels = x.shape[-1]
    y = _conv(x, channels * expansion, 1, f"{name}_expand_s{stride}")
    depthwise = f"{name}_depthwise_s{stride}"
    y = L.DepthwiseConv2D(3, padding="same", use_bias=False, depthwise_initializer="he_normal", name=depthwise)(y)
    y = _norm(y, depthwise)
    y = _conv(y, channels, 1, f"{name}_project_s{stride}", activation=False)
    return L.Add(name=f"{name}_add")([x, y])


def _enlarge(x, skip, name: str, stride: int):
    """Twice the size by a pointwise convolution and depth-to-space, plus the encoder's features of that size."""
    channels = skip.shape[-1]
    x = _conv(x, 4 * channels, 1, f"{name}_s{stride}", activation=False,
              initializer=_SameForEachPixel(tf.keras.initializers.HeNormal()))
    x = L.Lambda(_depth_to_space, name=f"{name}_shuffle")(x)
    return L.Add(name=f"{name}_skip")([x, skip])


def _depth_to_space(x):
    return tf.nn.depth_to_space(x, 2)


def _build_encoder(spec: GeneratorSize, lines: bool) -> tf.keras.Model:
    image = L.Input((None, None, 3), name="image")
    copied = L.Conv2D(12, 2, 2, name=COPY, kernel_initializer=tf.keras.initializers.Constant(
        _each_pixel(COPY_GAIN / 2.0 * np.eye(3, dtype=np.float32))))(image)
    half = _conv(image, spec.widths[0], 3, "stem_s2", stride=2)
    quarter = _conv(half, spec.widths[1], 3, "down1_s4", stride=2)
    eighth = _conv(quarter, spec.widths[2], 3, "down2_s8", stride=2)
    for i in range(spec.blocks[0] // 2 + spec.blocks[0] % 2):
        eighth = _block(eighth, spec.expansion, f"enc8_{i}", 8)
    sixteenth = _conv(eighth, spec.widths[3], 3, "down3_s16", stride=2)
    for i in range(spec.blocks[1] // 2 + spec.blocks[1] % 2):
        sixteenth = _block(sixteenth, spec.expansion, f"enc16_{i}", 16)
    features = [copied, half, quarter, eighth, sixteenth]
    if lines:  # in [0, 1]: beyond the border all is black, so nothing at it is darker than its surroundings
        features.append(L.Conv2D(4, 4, 4, trainable=False, name="photo_luma_s4", dtype=PICTURE_DTYPE,
                                 kernel_initializer=tf.keras.initializers.Constant(cell_luma() / 2.0),
                                 bias_initializer=tf.keras.initializers.Constant(0.5))(image))
    return tf.keras.Model(image, features, name="encoder")


def _each_pixel(matrix: np.ndarray) -> np.ndarray:
    """Kernel [2, 2, 3, 12] by which each of a cell's four pixels gets matrix [3, 3] times its own colour."""
    return np.einsum("ij,co->icjo", np.eye(4), matrix.T).reshape(2, 2, 3, 12).astype(np.float32)


class _SameForEachPixel(tf.keras.initializers.Initializer):
    """Kernel [h, w, c, 4 n] whose four pixels after depth-to-space agree: else they begin as a grid (Aitken 2017)."""

    def __init__(self, of_one: tf.keras.initializers.Initializer):
        self.of_one = of_one

    def __call__(self, shape, dtype=None, **kwargs):
        return tf.tile(self.of_one([*shape[:-1], shape[-1] // 4], dtype), [1] * (len(shape) - 1) + [4])

    def get_config(self):
        return {"of_one": self.of_one}


def _build_decoder(spec: GeneratorSize, brushes: Collection[str]) -> tf.keras.Model:
    copied = L.Input((None, None, 12), name="copied")
    features = [L.Input((None, None, w), name=f"features_s{s}")
                for w, s in zip(spec.widths, (2, 4, 8, 16), strict=True)]
    half, quarter, eighth, sixteenth = features
    luma = [L.Input((None, None, 4), name="luma", dtype=PICTURE_DTYPE)] if "lines" in brushes else []
    x = sixteenth
    for i in range(spec.blocks[1] // 2):
        x = _block(x, spec.expansion, f"dec16_{i}", 16)
    x = _enlarge(x, eighth, "up3", 16)
    for i in range(spec.blocks[0] // 2):
        x = _block(x, spec.expansion, f"dec8_{i}", 8)
    x = _enlarge(x, quarter, "up2", 8)
    quarter = _block(x, 2, "dec4", 4)
    x = _enlarge(quarter, half, "up1", 4)
    x = L.ReLU(max_value=6.0, name="up1_relu")(x)
    if spec.refine:
        x = _conv(x, spec.widths[0], 3, "refine_s2")
    grain = L.Input((None, None, 4), name="grain")
    gain = L.Conv2D(4, 1, name=GAIN, kernel_initializer=tf.keras.initializers.RandomNormal(stddev=0.005),
                    bias_initializer=tf.keras.initializers.Constant(GRAIN_GAIN))(x)
    strokes = L.Multiply(name="strokes")([gain, grain])
    # learned: strokes may have a colour
    strokes = L.Conv2D(12, 1, use_bias=False, name="strokes_s2",
                       kernel_initializer=tf.keras.initializers.Constant(FULL * _to_rgb()))(strokes)
    # begins small, beside what is copied
    head = L.Conv2D(12, 3, padding="same", name="head_s2",
                    kernel_initializer=_SameForEachPixel(tf.keras.initializers.VarianceScaling(0.02)))(x)
    if led := _along_form(grain, quarter, x, brushes):
        strokes = L.Add(name="all_strokes")([strokes, *led])
    lay = functools.partial(_laid, grain, quarter) if LAID in brushes else None
    tones = L.Add(name="with_copied")([head, _passed(copied, x, lay)])
    tones = L.Activation("sigmoid", name="tones", dtype=PICTURE_DTYPE)(tones)
    if spec.brush:
        left = _between_lines(tones, x, brushes, luma)
        kept = L.Multiply(name="with_lines", dtype=PICTURE_DTYPE)([tones, left])
    else:
        kept = L.Rescaling(FULL, name="full", dtype=PICTURE_DTYPE)(tones)
    # ReLU6 is the only limit above that every mobile runtime has
    x = L.Add(name="with_strokes", dtype=PICTURE_DTYPE)([kept, strokes])
    x = L.ReLU(max_value=FULL, name="with_strokes_relu", dtype=PICTURE_DTYPE)(x)
    x = L.Lambda(_depth_to_space, name="head_shuffle", dtype=PICTURE_DTYPE)(x)
    image = L.Rescaling(1.0 / FULL, name="stylized", dtype=PICTURE_DTYPE)(x)
    return tf.keras.Model([copied, *features, *luma, grain], image, name="decoder")


def _between_lines(tones, x, brushes: Collection[str], luma: list):
    """What lines leave of the tones, FULL for all: contours of the tones themselves, lines of the photo's luma
    [B, h / 2, w / 2, 4]: [B, h, w, 12]."""
    kept = [L.Conv2D(4, 1, name="kept_s2", kernel_initializer="zeros",
                     bias_initializer=tf.keras.initializers.Constant(MOST_KEPT), dtype=PICTURE_DTYPE)(x)]
    contrasts = {CONTOURS: _tone_contrast(tones)} if "contours" in brushes else {}
    if luma:
        contrasts[LINES] = _contrast_along(luma[0], x)
    for name, contrast in contrasts.items():
        gain = L.Conv2D(4, 1, name=name, kernel_initializer="zeros", dtype=PICTURE_DTYPE)(x)
        kept.append(L.Multiply(name=f"{name}_shown", dtype=PICTURE_DTYPE)([gain, contrast]))
    kept = L.Add(name="kept_of_all", dtype=PICTURE_DTYPE)(kept) if contrasts else kept[0]
    kept = L.Activation("sigmoid", name="kept_share", dtype=PICTURE_DTYPE)(kept)
    return _fixed(12, 1, FULL * _to_rgb(), "kept_rgb_s2", dtype=PICTURE_DTYPE)(kept)


def _tone_contrast(tones):
    """How much darker each of a cell's pixels is than its surroundings, [B, h, w, 12] -> [B, h, w, 4] in [0, 6]."""
    luma = _fixed(16, 2, block_luma(), "luma_s4", stride=2, dtype=PICTURE_DTYPE)(tones)
    contrast = L.Conv2D(16, 3, padding="same", name=CONTRAST, dtype=PICTURE_DTYPE,
                        kernel_initializer=tf.keras.initializers.Constant(LINE_SLOPE * contrast_kernel(LINE_PX)),
                        bias_initializer=tf.keras.initializers.Constant(-LINE_SLOPE * LINE_FROM))(luma)
    contrast = L.ReLU(max_value=6.0, name="contrast_relu", dtype=PICTURE_DTYPE)(contrast)
    return L.Lambda(_depth_to_space, name="contrast_shuffle", dtype=PICTURE_DTYPE)(contrast)


def _contrast_along(luma, x):
    """The same along the form: luma of 2 x 2 cells [B, h / 2, w / 2, 4] -> [B, h, w, 4] in [0, 6]."""
    each = _fixed(4 * DIRECTIONS, 5, line_bank(LINE_PX), LINE_BANK, dtype=PICTURE_DTYPE)(luma)
    each = L.ReLU(max_value=6.0, name="line_directions_relu", dtype=PICTURE_DTYPE)(each)
    contrast = _mixed(each, x, "line_", 2, share=LINE_SHARE, deviation=0.02, dtype=PICTURE_DTYPE)
    kernel, bias = after_mixing()
    contrast = L.Conv2D(4, 3, padding="same", name="line_contrast_s2", dtype=PICTURE_DTYPE,
                        kernel_initializer=tf.keras.initializers.Constant(kernel),
                        bias_initializer=tf.keras.initializers.Constant(bias))(contrast)
    return L.ReLU(max_value=6.0, name="line_contrast_relu", dtype=PICTURE_DTYPE)(contrast)


def _along_form(grain, quarter, half, brushes: Collection[str]) -> list:
    """Strokes and dabs along the form, as strong as the features at a quarter and at half the size say:
    [B, h, w, 12] each, white being FULL."""
    cells = _fixed(4, 2, gathering_kernel(PAIR), "cells_s4", stride=2)(grain)
    shown = []
    if "strokes" in brushes:
        mixed = _turned(cells, spreading_kernel(stroke_kernels()), half, "", 2)
        shown.append(L.Conv2D(12, 3, padding="same", use_bias=False, name=ALONG, kernel_initializer="zeros")(mixed))
    if "dabs" in brushes:
        wider = _fixed(4, 4, gathering_kernel(OVERLAPPING, DAB_GAIN), "dab_cells_s8", stride=2)(cells)
        mixed = _turned(wider, spreading_kernel(dab_kernels()), quarter, "dab_", 4, DAB_EDGE)
        dabs = L.UpSampling2D(2, interpolation="bilinear", name="dabs_up")(mixed)
        dabs = L.Activation("tanh", name="dabs_ended")(dabs)
        gain = L.Conv2D(1, 1, name=DABS, kernel_initializer="zeros")(half)
        dabs = L.Multiply(name="dabs_shown")([gain, dabs])
        shown.append(_fixed(12, 3, FULL * to_pixels(3), "dabs_s2")(dabs))
    return shown


def _turned(cells, spread, x, prefix: str, stride: int, gain: float = 1.0):
    """Noise [B, h / 2, w / 2, 4] drawn out into eight directions, each as strongly as the features `x` say:
    [B, h, w, 1]."""
    cells = _fixed(4 * DIRECTIONS, 5, spread, f"{prefix}directions_s{2 * stride}")(cells)
    return _mixed(cells, x, prefix, stride, gain)


def _mixed(cells, x, prefix: str, stride: int, gain: float = 1.0, share: float = 1.0 / DIRECTIONS,
           deviation: float = 0.1, dtype: str | None = None):
    """The eight directions of 2 x 2 cells [B, h / 2, w / 2, 32], each as strongly as the features `x` say:
    [B, h, w, 1]. That begins with `share` of each, and weights on features of that deviation."""
    each = L.Lambda(_depth_to_space, name=f"{prefix}directions", dtype=dtype)(cells)
    # of these, one or two show at a place: what is below zero is none
    turned = L.Conv2D(DIRECTIONS, 1, name=f"{prefix}turn_s{stride}", dtype=dtype,
                      bias_initializer=tf.keras.initializers.Constant(share),
                      kernel_initializer=tf.keras.initializers.RandomNormal(stddev=deviation))(x)
    turned = L.ReLU(max_value=6.0, name=f"{prefix}turn_relu", dtype=dtype)(turned)
    turned = L.Multiply(name=f"{prefix}turned", dtype=dtype)([turned, each])
    mean = np.full([1, 1, DIRECTIONS, 1], gain, np.float32)
    return _fixed(1, 1, mean, f"{prefix}mixed_s{stride}", dtype=dtype)(turned)


def _fixed(channels: int, size: int, kernel: np.ndarray, name: str, stride: int = 1, dtype: str | None = None):
    """A convolution that is not learned, yet kept among the weights; new ones need not be: see FixedConvolution."""
    return L.Conv2D(channels, size, stride, padding="same", use_bias=False, trainable=False, name=name,
                    kernel_initializer=tf.keras.initializers.Constant(kernel), dtype=dtype)


def _to_rgb() -> np.ndarray:
    """Kernel [1, 1, 4, 12]: one value of each of a cell's four pixels to that pixel's red, green and blue."""
    return np.repeat(np.eye(4, dtype=np.float32), 3, axis=1)[None, None]


def _passed(copied, x, lay: Callable | None = None):
    """What passes of the shortcut [B, h, w, 12], each band by what its gate makes of the features `x`; and, likewise,
    of what `lay` changes of its means of 4 pixels. All at first, but see `Generator.start_from`."""
    of_four = tf.keras.initializers.Constant(np.tile(np.eye(3) / 4, (4, 1))[None, None])
    mean = L.Conv2D(3, 1, use_bias=False, trainable=False, name="mean_s2", kernel_initializer=of_four)(copied)
    level, bands, laid = mean, [], []
    for cells in LEVELS:
        pooled = L.AveragePooling2D(cells, name=f"mean{cells}")(mean)
        wide = L.UpSampling2D(cells, interpolation="bilinear", name=f"mean{cells}_up")(pooled)
        if lay and cells == LEVELS[0]:
            change = L.Subtract(name="band_laid", dtype=PICTURE_DTYPE)([lay(pooled), wide])
            change = _gated(change, x, "gate_laid_s2")
            laid = [FixedConvolution(enlarging_kernel(), name="laid_pixels_s2")(change)]
        bands.append(_gated(L.Subtract(name=f"band{cells}")([level, wide]), x, f"gate{cells}_s2"))
        level = wide
    # one convolution adds them up, for each of the four pixels: int8 rounds the sum once
    each = np.tile(np.eye(3), (1 + len(bands), 4))[None, None]
    each = FixedConvolution(each, name="each_s2")(L.Concatenate(name="bands")([level, *bands]))
    fine = L.Subtract(name="band1")([copied, L.Concatenate(name="mean_of_each")([mean] * 4)])
    return L.Add(name="with_band1")([each, *laid, _gated(fine, x, "gate1_s2")])


def _laid(grain, quarter, colors):
    """Colours [B, h / 2, w / 2, 3] in strokes of one colour each, [B, h, w, 3], on top of each other by the grain
    [B, h, w, 4], in directions and tones as the features `quarter` say; see layers/laid_strokes.py."""

    def fixed(kernel: np.ndarray, name: str, bias: np.ndarray | float = 0.0):
        return FixedConvolution(kernel, bias, name=name, dtype=PICTURE_DTYPE)

    def of_each_phase(values, name: str):
        return L.Concatenate(name=f"{name}_of_each", dtype=PICTURE_DTYPE)([values] * PHASES**2)

    def in_phases(values, name: str):
        return L.Lambda(_depth_to_space, name=f"{name}_shuffle", dtype=PICTURE_DTYPE)(values)

    cells = fixed(np.full([1, 1, 4, 1], 0.25), "laid_noise_s2")(grain)
    cells = L.AveragePooling2D(2, name="laid_noise_cells", dtype=PICTURE_DTYPE)(cells)
    # two convolutions, since what is lowest is part of the one, and of its ReLU, in the deployed graph
    tops = fixed(priority_kernel(), "laid_tops_s4", -LOWEST)(cells)
    tops = L.ReLU(name="laid_tops_relu", dtype=PICTURE_DTYPE)(tops)
    keys = fixed(TOPMOST * neighbours_kernel(), "laid_keys_s4")(tops)
    turn = L.Conv2D(DIRECTIONS, 1, name="laid_turn_s4", bias_initializer=tf.keras.initializers.Constant(1 / DIRECTIONS),
                    kernel_initializer=tf.keras.initializers.RandomNormal(stddev=0.02), dtype=PICTURE_DTYPE)(quarter)
    turn = L.ReLU(max_value=6.0, name="laid_turn_relu", dtype=PICTURE_DTYPE)(turn)
    near = fixed(distance_kernel(), "laid_near_s4", nearness())(turn)
    near = L.ReLU(name="laid_near_relu", dtype=PICTURE_DTYPE)(near)
    scores = L.Add(name="laid_scores", dtype=PICTURE_DTYPE)([of_each_phase(keys, "laid_keys"), near])
    shares = L.Softmax(name="laid_shares", dtype=PICTURE_DTYPE)(in_phases(scores, "laid_scores"))

    tone = L.Conv2D(1, 1, name=LAID_TONE, kernel_initializer="zeros", dtype=PICTURE_DTYPE)(quarter)
    noise = fixed(tone_kernel(), "laid_tone_noise_s4")(fixed(priority_kernel(), "laid_on_top_s4")(cells))
    tone = L.Multiply(name="laid_tones", dtype=PICTURE_DTYPE)([tone, noise])
    tone = fixed(np.ones([1, 1, 1, 3]), "laid_tone_rgb_s4")(tone)
    colors, laid = L.Add(name="laid_colors", dtype=PICTURE_DTYPE)([colors, tone]), []
    for n, name in enumerate(("laid_red", "laid_green", "laid_blue")):  # mobile runtimes know four axes
        color = fixed(np.eye(3)[None, None, :, n:n + 1], f"{name}_s4")(colors)
        each = fixed(neighbours_kernel(), f"{name}_near_s4")(color)
        each = in_phases(of_each_phase(each, name), name)
        each = L.Multiply(name=f"{name}_shares", dtype=PICTURE_DTYPE)([shares, each])
        laid.append(fixed(np.ones([1, 1, each.shape[-1], 1]), f"{name}_s2")(each))
    return L.Concatenate(name="laid", dtype=PICTURE_DTYPE)(laid)


def _gated(band, x, name: str):
    gate = L.Conv2D(band.shape[-1], 1, name=name, kernel_initializer="zeros", bias_initializer="ones")(x)
    return L.Multiply(name=f"{name}_passed")([gate, band])
