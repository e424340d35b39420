package dev.stylizer.core.drawing

import dev.stylizer.core.geometry.Affine
import kotlin.math.roundToInt

/**
 * The grain under a picture: a square of strokes, repeated, that can move with what the picture shows. Without
 * allocating.
 *
 * @param tile int8, square; it repeats without a seam
 * @param toInput what one of its levels means to the network's input tensor, before [zeroPoint]
 * @param side of the pictures in pixels
 */
internal class Strokes(tile: ByteArray, toInput: Float, private val zeroPoint: Float, val side: Int) {
    private val period = Math.round(Math.sqrt(tile.size.toDouble())).toInt()
    private val end = period shl BITS
    private val values = FloatArray(tile.size) { tile[it] * toInput }
    private val back = Affine()

    init {
        require(period in 1 until (1 shl 14)) { "strokes of $period pixels" }
    }

    /** Calls [put] for each value, [side / 2, side / 2, 4]: the channels are the pixels of 2 x 2 cells. */
    inline fun under(moved: Affine, put: (Int, Float) -> Unit) {
        moved.inverse(back)
        val across = within(back.xx)
        val down = within(back.yx)
        for (row in 0 until side) {
            val begin = (row / 2) * (side / 2) * 4 + 2 * (row % 2)
            var x = within(back.x(0.0, row.toDouble()))
            var y = within(back.y(0.0, row.toDouble()))
            for (column in 0 until side) {
                put(begin + (column / 2) * 4 + column % 2, at(x, y))
                x += across
                if (x >= end) x -= end
                y += down
                if (y >= end) y -= end
            }
        }
    }

    /** A place or step in pixels as one within the tile, which repeats: with 16 bits of fraction, 0 until [end]. */
    fun within(place: Double): Int = Math.floorMod(Math.round(place * ONE), end.toLong()).toInt()

    /** Bilinear, around the edges of the tile. */
    fun at(x: Int, y: Int): Float {
        val fx = (x and ONE - 1) * (1f / ONE)
        val fy = (y and ONE - 1) * (1f / ONE)
        val i = x ushr BITS
        val j = (y ushr BITS) * period
        val right = if (i + 1 == period) 0 else i + 1
        val below = if (j + period == values.size) 0 else j + period
        val upper = values[j + i] + fx * (values[j + right] - values[j + i])
        val lower = values[below + i] + fx * (values[below + right] - values[below + i])
        return upper + fy * (lower - upper) + zeroPoint
    }

    private companion object {
        const val BITS = 16
        const val ONE = 1 shl BITS
    }
}

internal fun int8(value: Float): Byte = value.roundToInt().coerceIn(-128, 127).toByte()
