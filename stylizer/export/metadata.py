"""TFLite metadata of an exported model, by tflite-support: value ranges, colour order, licence, and our own part."""

import flatbuffers
import numpy as np

# `import tflite_support` clashes with TensorFlow 2.14 and later; these are the same wheel's modules
from tensorflow_lite_support.metadata import metadata_schema_py_generated as schema
from tensorflow_lite_support.metadata.python.metadata import MetadataPopulator

import stylizer
from stylizer.models.tflite_file import pack, parse
from stylizer.models.tflite_model import CUSTOM, DRAWING, GRAIN, GRAIN_TILE, IMAGE, StyleInfo

_SUBGRAPH_NAME = "stylizer"


def add_metadata(content: bytes, info: StyleInfo) -> bytes:
    """The .tflite file with its metadata: pictures in are RGB, scaled to [-1, 1]; out RGB in [0, 1].

    Args:
      content: as `convert` makes it.
      info: goes into the standard fields and, whole, into our custom one.
    """
    model = schema.ModelMetadataT()
    model.name = f"{info.style} portrait stylizer"
    model.description = f"Draws a portrait as {info.style}. Trained on: {info.data}. Run {info.run}."
    model.version = stylizer.__version__
    model.author = "stylizer"
    model.license = info.licence
    graph = schema.SubGraphMetadataT()
    graph.name = _SUBGRAPH_NAME
    graph.inputTensorMetadata = [
        _picture(IMAGE, "photo, face upright and aligned", mean=127.5, std=127.5, low=-1.0, high=1.0), _grain()]
    graph.outputTensorMetadata = [_picture(DRAWING, "the photo as drawn", mean=0.0, std=255.0, low=0.0, high=1.0)]
    graph.customMetadata = [_custom(CUSTOM, info.to_json()), _custom(GRAIN_TILE, info.grain.tobytes())]
    model.subgraphMetadata = [graph]

    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), MetadataPopulator.METADATA_FILE_IDENTIFIER)
    populator = MetadataPopulator.with_model_buffer(content)
    populator.load_metadata_buffer(builder.Output())
    populator.populate()
    return pack(parse(bytes(populator.get_model_buffer())))  # the populator writes equal vectors anew each time


def _grain() -> schema.TensorMetadataT:
    tensor = schema.TensorMetadataT()
    tensor.name = GRAIN
    tensor.description = (f"strokes for flat areas: the custom metadata {GRAIN_TILE!r}, int8 and square, times "
                          f"grain_scale, repeated over the picture; channels are the pixels of 2 x 2 cells")
    tensor.content = schema.ContentT()
    tensor.content.contentPropertiesType = schema.ContentProperties.FeatureProperties
    tensor.content.contentProperties = schema.FeaturePropertiesT()
    return tensor


def _custom(name: str, data: bytes) -> schema.CustomMetadataT:
    entry = schema.CustomMetadataT()
    entry.name, entry.data = name, np.frombuffer(data, np.uint8)
    return entry


def _picture(name: str, description: str, *, mean: float, std: float, low: float,
             high: float) -> schema.TensorMetadataT:
    """An RGB tensor of (v - mean) / std for v in 0..255, from `low` to `high`."""
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.description = name, description
    properties = schema.ImagePropertiesT()
    properties.colorSpace = schema.ColorSpaceType.RGB
    tensor.content = schema.ContentT()
    tensor.content.contentPropertiesType = schema.ContentProperties.ImageProperties
    tensor.content.contentProperties = properties
    options = schema.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    unit = schema.ProcessUnitT()
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, options
    tensor.processUnits = [unit]
    tensor.stats = schema.StatsT()
    tensor.stats.min, tensor.stats.max = [low], [high]
    return tensor
