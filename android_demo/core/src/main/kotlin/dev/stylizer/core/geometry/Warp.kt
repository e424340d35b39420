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
 * @param left and [top]: where the first pixel of [into] is, to [toSource]
 */
fun warp(source: Picture, toSource: Affine, into: Picture, border: Border, left: Int = 0, top: Int = 0) {
    val pixels = source.pixels
    val width = source.width
    val height = source.height
    for (row in 0 until into.height) {
        var x = toSource.x(left + 0.5, top + row + 0.5) - 0.5
        var y = toSource.y(left + 0.5, top + row + 0.5) - 0.5
        val begin = row * into.width
        for (column in 0 until into.width) {
            val i = floor(x).toInt()
            val j = floor(y).toInt()
            val fx = ((x - i) * 256 + 0.5).toInt()
            val fy = ((y - j) * 256 + 0.5).toInt()
            into.pixels[begin + column] = if (i >= 0 && j >= 0 && i < width - 1 && j < height - 1) {
                val at = j * width + i
                mix(mix(pixels[at], pixels[at + 1], fx), mix(pixels[at + width], pixels[at + width + 1], fx), fy)
            } else {
                mix(
                    mix(pixel(source, i, j, border), pixel(source, i + 1, j, border), fx),
                    mix(pixel(source, i, j + 1, border), pixel(source, i + 1, j + 1, border), fx), fy,
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
