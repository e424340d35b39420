package dev.stylizer.core.geometry

import dev.stylizer.core.Picture
import dev.stylizer.core.blue
import dev.stylizer.core.green
import dev.stylizer.core.grownTo
import dev.stylizer.core.mix
import dev.stylizer.core.red
import dev.stylizer.core.rgb
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.min

/**
 * Bends faces toward (or away from) the geometry of a style, by a thin-plate spline, before they are drawn; in the same
 * memory for all of them.
 *
 * @param cubic finest textures stay sharp, for four times the time
 */
class Bend(private val cubic: Boolean) {
    private val spline = ThinPlateSpline(POINTS)
    private val back = Affine() // from the face's frame of side 1 to the picture
    private val bounds = Bounds()
    private val moved = DoubleArray(2 * POINTS)
    private val source = DoubleArray(2 * POINTS) // of the spline, in its unit square
    private val target = DoubleArray(2 * POINTS)
    private val node = DoubleArray(2)
    private val field = FloatArray(LATTICE * LATTICE * 2)
    private val line = FloatArray(LATTICE * 2)
    private var places = FloatArray(0)
    private var fades = FloatArray(0)
    private var spare = IntArray(0)

    /**
     * Bends a face in [picture], in place, and moves its control points along.
     *
     * @param points 68 control points in pixels as x, y, x, y, ...; moved by [amount] times [offset]
     * @param offset where the style's faces have theirs, less where people have them, in frames of side 1
     * @param amount -1..1
     */
    fun apply(picture: Picture, points: DoubleArray, offset: FloatArray, amount: Float) {
        if (picture.width < 2 || picture.height < 2) return
        FaceFrame.of(points, 1, back).inverse(back)
        for (n in moved.indices) {
            val x = offset[n and 1.inv()].toDouble()
            val y = offset[n or 1].toDouble()
            moved[n] = points[n] + amount * if (n % 2 == 0) back.xx * x + back.xy * y else back.yx * x + back.yy * y
        }
        bounds.set(back, 1.0)
        val marginX = MARGIN * (bounds.right - bounds.left)
        val marginY = MARGIN * (bounds.bottom - bounds.top)
        val left = floor((bounds.left - marginX).coerceIn(0.0, picture.width - 2.0)).toInt()
        val top = floor((bounds.top - marginY).coerceIn(0.0, picture.height - 2.0)).toInt()
        val width = ceil((bounds.right + marginX).coerceIn(left + 2.0, picture.width.toDouble())).toInt() - left
        val height = ceil((bounds.bottom + marginY).coerceIn(top + 2.0, picture.height.toDouble())).toInt() - top
        for (n in moved.indices) {
            val begin = if (n % 2 == 0) left else top
            val length = if (n % 2 == 0) width else height
            source[n] = (points[n] - begin) / length
            target[n] = (moved[n] - begin) / length
        }
        spline.fit(source, target, 1e-4)
        tabulate(width, height)
        resample(picture, left, top, width, height)
        moved.copyInto(points)
    }

    /** The spline is smooth: between the nodes of a lattice, whose displacements are in pixels, it is interpolated. */
    private fun tabulate(width: Int, height: Int) {
        for (row in 0 until LATTICE) for (column in 0 until LATTICE) {
            val u = column / (LATTICE - 1.0)
            val v = row / (LATTICE - 1.0)
            spline.displacement(u, v, node)
            field[2 * (row * LATTICE + column)] = (node[0] * width).toFloat()
            field[2 * (row * LATTICE + column) + 1] = (node[1] * height).toFloat()
        }
    }

    private fun resample(picture: Picture, left: Int, top: Int, width: Int, height: Int) {
        spare = spare.grownTo(width * height)
        for (row in 0 until height) picture.pixels.copyInto(
            spare, row * width, (top + row) * picture.width + left, (top + row) * picture.width + left + width)
        tabulateColumns(width)
        for (row in 0 until height) {
            val v = (row + 0.5f) / height
            val rowFade = fade(abs(2 * v - 1))
            if (rowFade == 0f) continue
            tabulateRow(v * (LATTICE - 1))
            val begin = (top + row) * picture.width + left
            for (column in 0 until width) {
                val fade = min(rowFade, fades[column])
                if (fade == 0f) continue
                val node = 2 * places[column].toInt().coerceAtMost(LATTICE - 2)
                val share = places[column] - node / 2
                val x = column + fade * (line[node] + share * (line[node + 2] - line[node]))
                val y = row + fade * (line[node + 1] + share * (line[node + 3] - line[node + 1]))
                picture.pixels[begin + column] =
                    if (cubic) sampleCubic(x, y, width, height) else sample(x, y, width, height)
            }
        }
    }

    /** Where each column is on the lattice, and how much of the bend it takes. */
    private fun tabulateColumns(width: Int) {
        places = places.grownTo(width)
        fades = fades.grownTo(width)
        for (column in 0 until width) {
            val u = (column + 0.5f) / width
            places[column] = u * (LATTICE - 1)
            fades[column] = fade(abs(2 * u - 1))
        }
    }

    /** The lattice's nodes at the height of a row. */
    private fun tabulateRow(place: Float) {
        val node = place.toInt().coerceAtMost(LATTICE - 2)
        val share = place - node
        for (n in line.indices) {
            val upper = field[node * line.size + n]
            line[n] = upper + share * (field[(node + 1) * line.size + n] - upper)
        }
    }

    /** [spare] at a position from the first pixel's centre. */
    private fun sample(x: Float, y: Float, width: Int, height: Int): Int {
        val px = x.coerceIn(0f, width - 1f)
        val py = y.coerceIn(0f, height - 1f)
        val left = px.toInt().coerceAtMost(width - 2)
        val top = py.toInt().coerceAtMost(height - 2)
        val fx = ((px - left) * 256 + 0.5f).toInt()
        val fy = ((py - top) * 256 + 0.5f).toInt()
        val at = top * width + left
        return mix(mix(spare[at], spare[at + 1], fx), mix(spare[at + width], spare[at + width + 1], fx), fy)
    }

    private val tapsX = FloatArray(4)
    private val tapsY = FloatArray(4)

    private fun sampleCubic(x: Float, y: Float, width: Int, height: Int): Int {
        val left = floor(x).toInt()
        val top = floor(y).toInt()
        cubicTaps(x - left, tapsX)
        cubicTaps(y - top, tapsY)
        var r = 0f
        var g = 0f
        var b = 0f
        for (j in 0..3) {
            val begin = (top + j - 1).coerceIn(0, height - 1) * width
            for (i in 0..3) {
                val pixel = spare[begin + (left + i - 1).coerceIn(0, width - 1)]
                val weight = tapsX[i] * tapsY[j]
                r += weight * red(pixel)
                g += weight * green(pixel)
                b += weight * blue(pixel)
            }
        }
        return rgb(level(r), level(g), level(b))
    }

    private companion object {
        const val POINTS = 68
        const val LATTICE = 41
        const val MARGIN = 0.15 // of the frame: room in which the bend fades away

        /** 1 in the middle, smoothly 0 at the border, which is at 1. */
        fun fade(distance: Float): Float {
            val t = ((1 - distance) / (2 * MARGIN.toFloat())).coerceIn(0f, 1f)
            return t * t * (3 - 2 * t)
        }
    }
}
