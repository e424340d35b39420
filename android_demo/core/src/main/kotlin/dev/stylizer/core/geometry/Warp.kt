package dev.stylizer.core.geometry

import dev.stylizer.core.OPAQUE
import dev.stylizer.core.Picture
import dev.stylizer.core.mix
import kotlin.math.floor

/** What lies beyond the edge of a picture. */
enum class Border {
    /** Black. */
    BLACK,

    /** The edge's pixels again. */
    REPLICATE,

    /** The picture mirrored at the middle of its edge pixels. */
    REFLECT;

    /** Index within 0 until [size] for an index beyond; -1 for black. */
    fun index(index: Int, size: Int): Int = when {
        index in 0 until size -> index
        this == BLACK -> -1
        this == REPLICATE || size == 1 -> index.coerceIn(0, size - 1)
        else -> {
            val period = 2 * (size - 1)
            val within = Math.floorMod(index, period)
            if (within < size) within else period - within
        }
    }
}

/**
 * Fills [into] with [source] seen through an affine map, bilinearly, without allocating.
 *
 * @param toSource from pixels of [into] to those of [source]
 */
fun warp(source: Picture, toSource: Affine, into: Picture, border: Border) {
    val pixels = source.pixels
    val width = source.width
    val height = source.height
    for (row in 0 until into.height) {
        var x = toSource.x(0.5, row + 0.5) - 0.5
        var y = toSource.y(0.5, row + 0.5) - 0.5
        val begin = row * into.width
        for (column in 0 until into.width) {
            val left = floor(x).toInt()
            val top = floor(y).toInt()
            val fx = ((x - left) * 256 + 0.5).toInt()
            val fy = ((y - top) * 256 + 0.5).toInt()
            into.pixels[begin + column] = if (left >= 0 && top >= 0 && left < width - 1 && top < height - 1) {
                val at = top * width + left
                mix(mix(pixels[at], pixels[at + 1], fx), mix(pixels[at + width], pixels[at + width + 1], fx), fy)
            } else {
                mix(
                    mix(pixel(source, left, top, border), pixel(source, left + 1, top, border), fx),
                    mix(pixel(source, left, top + 1, border), pixel(source, left + 1, top + 1, border), fx), fy,
                )
            }
            x += toSource.xx
            y += toSource.yx
        }
    }
}

private fun pixel(source: Picture, x: Int, y: Int, border: Border): Int {
    val column = border.index(x, source.width)
    val row = border.index(y, source.height)
    return if (column < 0 || row < 0) OPAQUE else source.pixels[row * source.width + column]
}
