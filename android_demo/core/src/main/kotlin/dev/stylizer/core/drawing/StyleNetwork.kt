package dev.stylizer.core.drawing

import dev.stylizer.core.Accelerator
import dev.stylizer.core.DRAWING_THREADS
import dev.stylizer.core.ElementType
import dev.stylizer.core.ModelStore
import dev.stylizer.core.Picture
import dev.stylizer.core.Runner
import dev.stylizer.core.RunnerFactory
import dev.stylizer.core.TensorInfo
import dev.stylizer.core.blue
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.green
import dev.stylizer.core.red
import dev.stylizer.core.rgb
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Draws square pictures of [side] pixels with a loaded style, on the thread that opened [runner]; no allocation. */
class StyleNetwork(val file: StyleFile, private val runner: Runner) : AutoCloseable {
    private val image = Tensor(runner.inputs.first { file.image in it.name })
    private val grain = Tensor(runner.inputs.first { StyleFile.GRAIN in it.name })
    private val drawing = Tensor(runner.outputs.single())
    private val inputs = runner.inputs.map { if (it === image.info) image.buffer else grain.buffer }
    private val outputs = listOf(drawing.buffer)

    val side: Int = image.info.shape[1]
    val accelerator get() = runner.accelerator

    init {
        val shapes = listOf(image, drawing, grain).map { it.info.shape }
        val expected = listOf(listOf(1, side, side, 3), listOf(1, side, side, 3), listOf(1, side / 2, side / 2, 4))
        if (runner.inputs.size != 2 || shapes != expected) throw ModelException("a network of shapes $shapes")
    }

    private val levels = Levels(FloatArray(256) { image.stored((it - file.inputMean) / file.inputStd) })
    private val toPixel = IntArray(256) { pixel(drawing.info.scale * (it.toByte() - drawing.info.zeroPoint)) }
    private val strokes = Strokes(
        file.grain, if (grain.isInt8) file.grainScale / grain.info.scale else file.grainScale,
        if (grain.isInt8) grain.info.zeroPoint.toFloat() else 0f, side)
    private val rest = Affine()
    private val under = Affine(xx = Double.NaN) // what the strokes are under; at first nothing

    /** Draws [picture] into [into]; both are side x side. [moved]: how far what it shows has moved, strokes with it. */
    fun draw(picture: Picture, into: Picture, moved: Affine? = null) {
        require(picture.width == side && picture.height == side && into.width == side && into.height == side)
        image.fill(picture, levels)
        image.flush()
        val place = moved ?: rest
        if (!place.isSameAs(under)) {
            strokes.under(place) { n, value -> grain.put(n, value) }
            grain.flush()
            under.set(place)
        }
        try {
            runner.run(inputs, outputs)
        } catch (e: Exception) {
            throw RunFailed(e)
        }
        drawing.fetch()
        if (drawing.isInt8) {
            val bytes = drawing.bytes
            for (n in into.pixels.indices) into.pixels[n] = rgb(
                toPixel[bytes[3 * n].toInt() and 0xFF], toPixel[bytes[3 * n + 1].toInt() and 0xFF],
                toPixel[bytes[3 * n + 2].toInt() and 0xFF])
        } else {
            val floats = drawing.floats
            if (floats[0].isNaN()) throw RunFailed(ArithmeticException("the drawing is not a number"))
            for (n in into.pixels.indices) {
                into.pixels[n] = rgb(pixel(floats[3 * n]), pixel(floats[3 * n + 1]), pixel(floats[3 * n + 2]))
            }
        }
    }

    private fun pixel(value: Float): Int =
        (value * file.outputStd + file.outputMean + 0.5f).toInt().coerceIn(0, 255) // NaN is 0

    override fun close() = runner.close()

    companion object {
        /** Loads a style; throws what the runner or the file has to say. */
        fun open(models: ModelStore, runners: RunnerFactory, style: String, accelerator: Accelerator): StyleNetwork {
            val model = models.style(style, accelerator)
            val file = StyleFile.read(model)
            val runner = runners.open(model, accelerator, DRAWING_THREADS)
            return try {
                StyleNetwork(file, runner)
            } catch (e: Throwable) {
                runner.close()
                throw e
            }
        }
    }
}

/** The accelerator failed at work; another may do. */
class RunFailed(cause: Exception) : Exception(cause.message ?: cause.javaClass.simpleName, cause)

/** A tensor's buffer with an array in front of it: single values go into arrays faster than into direct buffers. */
private class Tensor(val info: TensorInfo) {
    val isInt8 = info.type == ElementType.INT8
    val buffer: ByteBuffer = ByteBuffer.allocateDirect(info.bytes).order(ByteOrder.nativeOrder())
    private val asFloats = buffer.asFloatBuffer()
    val bytes = ByteArray(if (isInt8) info.elements else 0)
    val floats = FloatArray(if (isInt8) 0 else info.elements)

    init {
        if (info.type == ElementType.UINT8) throw ModelException("a network of unsigned integers")
    }

    /** A real value as the tensor stores it. */
    fun stored(real: Float): Float = if (isInt8) int8(real / info.scale + info.zeroPoint).toFloat() else real

    /** The picture, with the tensor's [levels] for the values in 0..255. */
    fun fill(picture: Picture, levels: Levels) {
        if (isInt8) {
            for ((n, pixel) in picture.pixels.withIndex()) {
                bytes[3 * n] = levels.bytes[red(pixel)]
                bytes[3 * n + 1] = levels.bytes[green(pixel)]
                bytes[3 * n + 2] = levels.bytes[blue(pixel)]
            }
        } else {
            for ((n, pixel) in picture.pixels.withIndex()) {
                floats[3 * n] = levels.floats[red(pixel)]
                floats[3 * n + 1] = levels.floats[green(pixel)]
                floats[3 * n + 2] = levels.floats[blue(pixel)]
            }
        }
    }

    fun put(n: Int, stored: Float) {
        if (isInt8) bytes[n] = int8(stored) else floats[n] = stored
    }

    fun flush() {
        buffer.rewind()
        asFloats.rewind()
        if (isInt8) buffer.put(bytes) else asFloats.put(floats)
        buffer.rewind()
    }

    fun fetch() {
        buffer.rewind()
        asFloats.rewind()
        if (isInt8) buffer.get(bytes) else asFloats.get(floats)
    }
}

/** What a tensor stores for each value in 0..255. */
private class Levels(val floats: FloatArray) {
    val bytes = ByteArray(256) { floats[it].toInt().toByte() }
}
