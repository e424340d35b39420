"""Is the person of a drawing still the person of the photo? A face recogniser's answer.

Y. Zhong, W. Deng, J. Hu, D. Zhao, X. Li, D. Wen, "SFace: sigmoid-constrained
hypersphere loss for robust face recognition", IEEE TIP 2021; the weights of
OpenCV's model zoo, asset "sface".
"""

import cv2
import numpy as np

from stylizer import assets
from stylizer.errors import AssetError
from stylizer.geometry.face_alignment import scale_of, similarity_transform, to_cv2
from stylizer.quiet import quiet

_SIDE_PX = 112
# Where the eyes, the tip of the nose and the corners of the mouth lie in the network's input, in pixels (J. Deng et
# al., "ArcFace", CVPR 2019, whose pixel centres are at whole numbers)
_TEMPLATE_PX = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
                         [70.7299, 92.2041]]) + 0.5
_NOSE_TIP, _MOUTH_CORNERS = 30, [48, 54]


class FaceRecognizer:
    """SFace: a face -> a direction in 128 dimensions, the same for all pictures of a person. For one thread.

    Raises:
      AssetError: the weights could not be fetched or read.
    """

    def __init__(self) -> None:
        path = assets.fetch("sface") / "sface.onnx"
        try:
            with quiet():  # OpenCV writes of a damaged file by itself, too
                self._network = cv2.FaceRecognizerSF.create(str(path), "")
        except cv2.error as e:
            raise AssetError(f"{path} does not hold SFace: {e.err}; delete its folder to fetch it again") from e

    def embed(self, picture: np.ndarray, control_points: np.ndarray) -> np.ndarray:
        """The face's direction.

        Args:
          picture: RGB uint8 [H, W, 3], a photo or a drawing.
          control_points: float [68, 2], normalised (x, y), of the face.

        Returns:
          float32 [128] of length 1. OpenCV takes two faces for one person where the `cosine` is 0.363 or more.

        Raises:
          ValueError: other shapes or dtype, or control points that are not finite.
        """
        feature = self._network.feature(align(picture, control_points)[..., ::-1])[0]  # it takes BGR
        return feature / np.linalg.norm(feature)


def align(picture: np.ndarray, control_points: np.ndarray) -> np.ndarray:
    """The face as recognisers of the ArcFace family want it; arguments and errors as of `FaceRecognizer.embed`.

    Returns:
      RGB uint8 [112, 112, 3]; black where the picture ends.
    """
    points = np.asarray(control_points, np.float64)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"picture must be uint8 [H, W, 3], got {picture.dtype} {list(picture.shape)}")
    if points.shape != (68, 2) or not np.isfinite(points).all():
        raise ValueError(f"control points must be finite [68, 2], got {list(points.shape)}")
    five = np.stack([points[36:42].mean(axis=0), points[42:48].mean(axis=0), points[_NOSE_TIP],
                     *points[_MOUTH_CORNERS]])
    height, width = picture.shape[:2]
    scale = scale_of(similarity_transform(five * (width, height), _TEMPLATE_PX))
    if scale < 1:  # average over areas first, or strokes alias
        width, height = max(1, round(scale * width)), max(1, round(scale * height))
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    matrix = similarity_transform(five * (width, height), _TEMPLATE_PX)
    return cv2.warpAffine(picture, to_cv2(matrix), (_SIDE_PX, _SIDE_PX), flags=cv2.INTER_LINEAR)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cosine of the angle between embeddings float [..., D]: [...], 1 for one direction, about 0 for strangers."""
    return np.sum(a * b, axis=-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))


def rank1(queries: np.ndarray, gallery: np.ndarray) -> float:
    """Share of the queries whose nearest entry of the gallery, by cosine, is their own.

    Args:
      queries: float [N, D], of drawings say.
      gallery: float [N, D]; entry n is of the same person as query n.

    Returns:
      0..1; guessing gives 1 / N.

    Raises:
      ValueError: the shapes differ, or there are none.
    """
    queries, gallery = np.asarray(queries), np.asarray(gallery)
    if queries.ndim != 2 or not len(queries) or queries.shape != gallery.shape:
        raise ValueError(f"rank 1 takes two arrays [number, dimensions] alike, got {queries.shape} and {gallery.shape}")
    nearest = cosine(queries[:, np.newaxis], gallery[np.newaxis]).argmax(axis=1)
    return float(np.mean(nearest == np.arange(len(queries))))
