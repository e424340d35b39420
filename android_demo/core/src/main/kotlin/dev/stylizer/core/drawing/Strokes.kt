package dev.stylizer.core.drawing

import dev.stylizer.core.geometry.Affine
import kotlin.math.floor
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
    private val values = FloatArray(tile.size) { tile[it] * toInput }

    /** Calls [put] for each value, [side / 2, side / 2, 4]: the channels are the pixels of 2 x 2 cells. */
    inline fun under(moved: Affine, put: (Int, Float) -> Unit) {
        val back = moved.inverse()
        for (row in 0 until side) {
            val begin = (row / 2) * (side / 2) * 4 + 2 * (row % 2)
            for (column in 0 until side) {
                val value = at(back.x(column.toDouble(), row.toDouble()), back.y(column.toDouble(), row.toDouble()))
                put(begin + (column / 2) * 4 + column % 2, value)
            }
        }
    }

    /** Bilinear, around the edges of the tile. */
    fun at(x: Double, y: Double): Float {
        val left = floor(x)
        val top = floor(y)
        val fx = (x - left).toFloat()
        val fy = (y - top).toFloat()
        val i = Math.floorMod(left.toInt(), period)
        val j = Math.floorMod(top.toInt(), period) * period
        val right = if (i + 1 == period) 0 else i + 1
        val below = if (j + period == values.size) 0 else j + period
        val upper = values[j + i] + fx * (values[j + right] - values[j + i])
        val lower = values[below + i] + fx * (values[below + right] - values[below + i])
        return upper + fy * (lower - upper) + zeroPoint
    }
}

internal fun int8(value: Float): Byte = value.roundToInt().coerceIn(-128, 127).toByte()
