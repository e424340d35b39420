package dev.stylizer.core.drawing

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.json.JSONException
import org.json.JSONObject

/** A .tflite file that is none of ours, or damaged. */
class ModelException(message: String, cause: Throwable? = null) : Exception(message, cause)

/**
 * What a style's file says of itself in its TFLite metadata: `make tflite` wrote it.
 *
 * @property image name of the picture's tensor; the network takes (v - [inputMean]) / [inputStd] of a value 0..255
 * @property outputMean its result times [outputStd] plus this is a value in 0..255
 * @property offset 68 times (x, y): where the style's faces have their control points, less where people have them
 * @property grain square of strokes for flat areas, to be repeated; one level means [grainScale] to the network
 */
class StyleFile private constructor(
    val style: String, val licence: String, val image: String,
    val inputMean: Float, val inputStd: Float, val outputMean: Float, val outputStd: Float,
    val offset: FloatArray, val grain: ByteArray, val grainScale: Float,
) {
    companion object {
        const val GRAIN = "grain"
        private const val CUSTOM = "stylizer"
        private const val GRAIN_TILE = "stylizer.grain"
        private const val RGB = 1
        private const val IMAGE_PROPERTIES = 2
        private const val NORMALIZATION = 1

        /** Reads the metadata; throws ModelException for whatever `make tflite` did not write. */
        fun read(model: ByteBuffer): StyleFile = try {
            parse(model.duplicate().order(ByteOrder.LITTLE_ENDIAN))
        } catch (e: ModelException) {
            throw e
        } catch (e: RuntimeException) { // a damaged file may break at any offset
            throw ModelException("a damaged or foreign model file (${e.message ?: e.javaClass.simpleName})", e)
        } catch (e: JSONException) {
            throw ModelException("a model file with damaged metadata (${e.message})", e)
        }

        private fun parse(content: ByteBuffer): StyleFile {
            val metadata = metadataOf(content) ?: throw ModelException("a model file without metadata")
            val root = Table.root(metadata)
            val graph = root.table(3, 0)
            val input = graph.table(2, 0)
            val output = graph.table(3, 0)
            val (inputMean, inputStd) = normalization(input)
            val (outputMean, outputStd) = normalization(output)
            val custom = (0 until graph.length(9)).map { graph.table(9, it) }.associate { it.string(0) to it.bytes(1) }
            val own = custom[CUSTOM] ?: throw ModelException("a model file of another program")
            val fields = JSONObject(String(own, Charsets.UTF_8))
            val points = fields.getJSONArray("offset")
            val offset = FloatArray(136) { points.getJSONArray(it / 2).getDouble(it % 2).toFloat() }
            val grain = custom[GRAIN_TILE] ?: throw ModelException("a model file without grain")
            val side = Math.round(Math.sqrt(grain.size.toDouble())).toInt()
            val grainScale = fields.getDouble("grain_scale").toFloat()
            if (points.length() != 68 || side == 0 || side * side != grain.size || grainScale <= 0f) {
                throw ModelException(
                    "a model file with damaged metadata (${points.length()} points, grain of ${grain.size})")
            }
            return StyleFile(
                fields.getString("style"), fields.getString("licence"), input.string(0), inputMean, inputStd,
                outputMean, outputStd, offset, grain, grainScale)
        }

        private fun metadataOf(content: ByteBuffer): ByteBuffer? {
            if (content.limit() < 8 || content.getInt(4) != 0x334C4654) throw ModelException("no .tflite file")
            val model = Table.root(content)
            for (n in 0 until model.length(6)) {
                val entry = model.table(6, n)
                if (entry.string(0) == "TFLITE_METADATA") {
                    return ByteBuffer.wrap(model.table(4, entry.int(1)).bytes(0)).order(ByteOrder.LITTLE_ENDIAN)
                }
            }
            return null
        }

        private fun normalization(tensor: Table): Pair<Float, Float> {
            val content = tensor.table(3)
            if (content.byte(0) != IMAGE_PROPERTIES || content.table(1).byte(0) != RGB) {
                throw ModelException("a model file whose pictures are not RGB")
            }
            val unit = (0 until tensor.length(4)).map { tensor.table(4, it) }.first { it.byte(0) == NORMALIZATION }
            val options = unit.table(1)
            val std = options.float(1, 0)
            if (std <= 0f) throw ModelException("a model file that divides by $std")
            return options.float(0, 0) to std
        }
    }
}

/** A table of a flatbuffer. Whatever leads out of the buffer throws IndexOutOfBoundsException. */
private class Table(private val buffer: ByteBuffer, private val at: Int) {
    private fun field(n: Int): Int {
        val layout = at - buffer.getInt(at)
        val entry = 4 + 2 * n
        if (entry >= buffer.getShort(layout)) return 0
        val offset = buffer.getShort(layout + entry).toInt() and 0xFFFF
        return if (offset == 0) 0 else at + offset
    }

    private fun vector(n: Int): Int {
        val place = field(n)
        return if (place == 0) 0 else place + buffer.getInt(place)
    }

    private fun required(place: Int): Int =
        if (place == 0) throw IndexOutOfBoundsException("a field is missing") else place

    fun length(n: Int): Int {
        val place = vector(n)
        return if (place == 0) 0 else buffer.getInt(place)
    }

    fun byte(n: Int): Int = field(n).let { if (it == 0) 0 else buffer.get(it).toInt() }

    fun int(n: Int): Int = field(n).let { if (it == 0) 0 else buffer.getInt(it) }

    fun table(n: Int): Table {
        val place = required(field(n))
        return Table(buffer, place + buffer.getInt(place))
    }

    fun table(n: Int, index: Int): Table {
        if (index !in 0 until length(n)) throw IndexOutOfBoundsException("no entry $index")
        val place = vector(n) + 4 + 4 * index
        return Table(buffer, place + buffer.getInt(place))
    }

    fun float(n: Int, index: Int): Float {
        if (index !in 0 until length(n)) throw IndexOutOfBoundsException("no value $index")
        return buffer.getFloat(vector(n) + 4 + 4 * index)
    }

    fun bytes(n: Int): ByteArray {
        val size = length(n)
        if (size !in 0..buffer.limit()) throw IndexOutOfBoundsException("$size bytes")
        val copy = buffer.duplicate()
        copy.position(required(vector(n)) + 4)
        return ByteArray(size).also { copy.get(it) }
    }

    fun string(n: Int): String = String(bytes(n), Charsets.UTF_8)

    companion object {
        fun root(buffer: ByteBuffer): Table = Table(buffer, buffer.getInt(0))
    }
}
