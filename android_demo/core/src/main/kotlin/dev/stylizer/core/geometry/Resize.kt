package dev.stylizer.core.geometry

import dev.stylizer.core.Picture
import dev.stylizer.core.blue
import dev.stylizer.core.green
import dev.stylizer.core.red
import dev.stylizer.core.rgb
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.roundToInt

/**
 * [source] in another size: means over areas where it shrinks, linear where it shrinks a little, cubic where it grows.
 */
fun resized(source: Picture, width: Int, height: Int): Picture {
    if (source.width == width && source.height == height) return source
    val kind = kindFor(width.toDouble() / source.width)
    val columns = Taps(source.width, width, kind)
    val rows = Taps(source.height, height, kind)
    val into = Picture(width, height)
    // row by row of the result, from rows already resampled across; `across` keeps as many as one needs
    val across = Array(rows.most) { FloatArray(3 * width) }
    val held = IntArray(rows.most) { -1 }
    val sums = FloatArray(3 * width)
    for (y in 0 until height) {
        sums.fill(0f)
        for (tap in 0 until rows.count[y]) {
            val row = rows.index(y, tap)
            val slot = row % rows.most
            if (held[slot] != row) {
                resampleRow(source, row, columns, across[slot])
                held[slot] = row
            }
            val weight = rows.weight(y, tap)
            for (k in sums.indices) sums[k] += weight * across[slot][k]
        }
        for (x in 0 until width) {
            into.pixels[y * width + x] = rgb(level(sums[3 * x]), level(sums[3 * x + 1]), level(sums[3 * x + 2]))
        }
    }
    return into
}

private fun resampleRow(source: Picture, row: Int, columns: Taps, into: FloatArray) {
    for (x in columns.count.indices) {
        var r = 0f
        var g = 0f
        var b = 0f
        for (tap in 0 until columns.count[x]) {
            val pixel = source.pixels[row * source.width + columns.index(x, tap)]
            val weight = columns.weight(x, tap)
            r += weight * red(pixel)
            g += weight * green(pixel)
            b += weight * blue(pixel)
        }
        into[3 * x] = r
        into[3 * x + 1] = g
        into[3 * x + 2] = b
    }
}

internal fun level(value: Float): Int = value.roundToInt().coerceIn(0, 255)

private enum class Kind { AREA, LINEAR, CUBIC }

private fun kindFor(scale: Double): Kind = when {
    scale > 1 -> Kind.CUBIC
    scale > 0.7 -> Kind.LINEAR
    else -> Kind.AREA
}

/** Which pixels of a line of [from] make up each of a line of [to], and by how much; the edge's are repeated. */
private class Taps(private val from: Int, to: Int, kind: Kind) {
    private val first = IntArray(to)
    private val weights = arrayOfNulls<FloatArray>(to)
    val count = IntArray(to)
    val most: Int

    init {
        val step = from.toDouble() / to
        for (n in 0 until to) {
            val center = (n + 0.5) * step - 0.5
            val left = floor(center).toInt()
            val t = center - left
            when (kind) {
                Kind.AREA -> {
                    val begin = n * step
                    val end = minOf(begin + step, from.toDouble())
                    first[n] = floor(begin).toInt()
                    weights[n] = FloatArray(maxOf(1, ceil(end - 1e-9).toInt() - first[n])) {
                        ((minOf(end, first[n] + it + 1.0) - maxOf(begin, (first[n] + it).toDouble())) / step).toFloat()
                    }
                }
                Kind.LINEAR -> {
                    first[n] = left
                    weights[n] = floatArrayOf((1 - t).toFloat(), t.toFloat())
                }
                Kind.CUBIC -> {
                    first[n] = left - 1
                    weights[n] = FloatArray(4).also { cubicTaps(t.toFloat(), it) }
                }
            }
            count[n] = weights[n]!!.size
        }
        most = count.max() + 1
    }

    fun index(n: Int, tap: Int): Int = (first[n] + tap).coerceIn(0, from - 1)

    fun weight(n: Int, tap: Int): Float = weights[n]!![tap]
}

/** Weights of the four pixels around a place [t] after the second (Keys 1981 with a = -0.75, as OpenCV has it). */
internal fun cubicTaps(t: Float, into: FloatArray) {
    for (n in 0..3) {
        val x = abs(n - 1 - t)
        into[n] = if (x < 1) (1.25f * x - 2.25f) * x * x + 1 else ((-0.75f * x + 3.75f) * x - 6) * x + 3
    }
}
