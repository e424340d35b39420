package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture
import dev.stylizer.core.TensorInfo
import dev.stylizer.core.blue
import dev.stylizer.core.green
import dev.stylizer.core.red
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** A network's only input, [picture] as float32 v * [scale] + [shift] of a value v in 0..255; to be filled again. */
internal class SquareInput(info: TensorInfo, private val scale: Float, private val shift: Float) {
    val side = info.shape[1]
    val picture = Picture(side, side)
    private val values = FloatArray(side * side * 3)
    private val buffer = directBuffer(info.bytes)
    private val asFloats = buffer.asFloatBuffer()
    private val buffers = listOf(buffer)

    /** What [picture] holds now, as a runner takes it. */
    fun buffers(): List<ByteBuffer> {
        for ((n, pixel) in picture.pixels.withIndex()) {
            values[3 * n] = red(pixel) * scale + shift
            values[3 * n + 1] = green(pixel) * scale + shift
            values[3 * n + 2] = blue(pixel) * scale + shift
        }
        asFloats.rewind()
        asFloats.put(values)
        return buffers
    }
}

internal fun directBuffer(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())
