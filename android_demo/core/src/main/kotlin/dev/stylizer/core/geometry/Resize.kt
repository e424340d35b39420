package dev.stylizer.core.geometry

import dev.stylizer.core.Picture
import dev.stylizer.core.blue
import dev.stylizer.core.green
import dev.stylizer.core.grownTo
import dev.stylizer.core.red
import dev.stylizer.core.rgb
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.roundToInt

/** [source] in another size; a new picture, or [source] itself if it has that size. See [Resizer]. */
fun resized(source: Picture, width: Int, height: Int): Picture {
    if (source.width == width && source.height == height) return source
    return Picture(width, height).also { Resizer().resize(source, width, height, it) }
}

/**
 * Pictures in other sizes: means over areas where they shrink, linear where they shrink a little, cubic where they
 * grow. Its memory grows as needed and is used again.
 */
class Resizer {
    private val columns = Taps()
    private val rows = Taps()
    private var across = FloatArray(0) // rows already resampled across, as many as one of the result needs
    private var held = IntArray(0) // which those are
    private var sums = FloatArray(0)

    /** Fills [into] with the part at ([left], [top]) of what [source] is in the size of [width] x [height]. */
    fun resize(source: Picture, width: Int, height: Int, into: Picture, left: Int = 0, top: Int = 0) {
        require(left >= 0 && top >= 0 && left + into.width <= width && top + into.height <= height) {
            "${into.width} x ${into.height} at $left, $top of $width x $height"
        }
        val kind = kindFor(width.toDouble() / source.width)
        columns.set(source.width, width, kind, left, into.width)
        rows.set(source.height, height, kind, top, into.height)
        val line = 3 * into.width
        across = across.grownTo(rows.most * line)
        held = held.grownTo(rows.most)
        sums = sums.grownTo(line)
        held.fill(-1)
        for (y in 0 until into.height) {
            sums.fill(0f, 0, line)
            for (tap in 0 until rows.count(y)) {
                val row = rows.index(y, tap)
                val slot = row % rows.most
                if (held[slot] != row) {
                    resampleRow(source, row, into.width, slot * line)
                    held[slot] = row
                }
                val weight = rows.weight(y, tap)
                for (k in 0 until line) sums[k] += weight * across[slot * line + k]
            }
            for (x in 0 until into.width) {
                into.pixels[y * into.width + x] =
                    rgb(level(sums[3 * x]), level(sums[3 * x + 1]), level(sums[3 * x + 2]))
            }
        }
    }

    private fun resampleRow(source: Picture, row: Int, width: Int, into: Int) {
        for (x in 0 until width) {
            var r = 0f
            var g = 0f
            var b = 0f
            for (tap in 0 until columns.count(x)) {
                val pixel = source.pixels[row * source.width + columns.index(x, tap)]
                val weight = columns.weight(x, tap)
                r += weight * red(pixel)
                g += weight * green(pixel)
                b += weight * blue(pixel)
            }
            across[into + 3 * x] = r
            across[into + 3 * x + 1] = g
            across[into + 3 * x + 2] = b
        }
    }
}

internal fun level(value: Float): Int = value.roundToInt().coerceIn(0, 255)

private enum class Kind { AREA, LINEAR, CUBIC }

private fun kindFor(scale: Double): Kind = when {
    scale > 1 -> Kind.CUBIC
    scale > 0.7 -> Kind.LINEAR
    else -> Kind.AREA
}

/** Which pixels of a line make up each of another line, and by how much; the edge's are repeated. */
private class Taps {
    private var from = 0
    private var first = IntArray(0)
    private var counts = IntArray(0)
    private var weights = FloatArray(0) // most for each
    private val cubic = FloatArray(4)

    /** Rows that a resampled one needs at once, and one. */
    var most = 0
        private set

    /** For [length] pixels from [begin] on, of a line of [to] that one of [from] becomes. */
    fun set(from: Int, to: Int, kind: Kind, begin: Int, length: Int) {
        this.from = from
        val step = from.toDouble() / to
        most = if (kind == Kind.AREA) ceil(step).toInt() + 2 else 5
        first = first.grownTo(length)
        counts = counts.grownTo(length)
        weights = weights.grownTo(most * length)
        for (n in 0 until length) {
            if (kind == Kind.AREA) setArea(n, (begin + n) * step, step) else setBetween(n, begin + n, step, kind)
        }
    }

    private fun setArea(n: Int, begin: Double, step: Double) {
        val end = minOf(begin + step, from.toDouble())
        first[n] = floor(begin).toInt()
        counts[n] = maxOf(1, ceil(end - 1e-9).toInt() - first[n])
        for (k in 0 until counts[n]) {
            val covered = minOf(end, first[n] + k + 1.0) - maxOf(begin, (first[n] + k).toDouble())
            weights[n * most + k] = (covered / step).toFloat()
        }
    }

    private fun setBetween(n: Int, place: Int, step: Double, kind: Kind) {
        val center = (place + 0.5) * step - 0.5
        val left = floor(center).toInt()
        val t = (center - left).toFloat()
        if (kind == Kind.LINEAR) {
            first[n] = left
            counts[n] = 2
            weights[n * most] = 1 - t
            weights[n * most + 1] = t
        } else {
            first[n] = left - 1
            counts[n] = 4
            cubicTaps(t, cubic)
            cubic.copyInto(weights, n * most)
        }
    }

    fun count(n: Int): Int = counts[n]

    fun index(n: Int, tap: Int): Int = (first[n] + tap).coerceIn(0, from - 1)

    fun weight(n: Int, tap: Int): Float = weights[n * most + tap]
}

/** Weights of the four pixels around a place [t] after the second (Keys 1981 with a = -0.75, as OpenCV has it). */
internal fun cubicTaps(t: Float, into: FloatArray) {
    for (n in 0..3) {
        val x = abs(n - 1 - t)
        into[n] = if (x < 1) (1.25f * x - 2.25f) * x * x + 1 else ((-0.75f * x + 3.75f) * x - 6) * x + 3
    }
}
