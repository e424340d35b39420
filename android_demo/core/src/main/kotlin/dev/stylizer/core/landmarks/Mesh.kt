package dev.stylizer.core.landmarks

import kotlin.math.sqrt

/** 468 points of a face as x, y, x, y, ... in pixels, to be overwritten frame by frame. */
class Mesh(val points: DoubleArray = DoubleArray(2 * POINTS)) {
    var left = 0.0
        private set
    var top = 0.0
        private set
    var right = 0.0
        private set
    var bottom = 0.0
        private set

    /** Side of the square with the area of the box around it. */
    val size: Double get() = sqrt((right - left) * (bottom - top))
    val centerX: Double get() = (left + right) / 2
    val centerY: Double get() = (top + bottom) / 2

    /** After a change of [points]. */
    fun measure() {
        left = Double.POSITIVE_INFINITY
        top = Double.POSITIVE_INFINITY
        right = Double.NEGATIVE_INFINITY
        bottom = Double.NEGATIVE_INFINITY
        for (n in 0 until POINTS) {
            left = minOf(left, points[2 * n])
            right = maxOf(right, points[2 * n])
            top = minOf(top, points[2 * n + 1])
            bottom = maxOf(bottom, points[2 * n + 1])
        }
    }

    fun set(other: Mesh) {
        other.points.copyInto(points)
        left = other.left
        top = other.top
        right = other.right
        bottom = other.bottom
    }

    /** Root mean square over the points, in sizes of [other]. */
    fun distance(other: Mesh): Double {
        var sum = 0.0
        for (n in points.indices) sum += (points[n] - other.points[n]) * (points[n] - other.points[n])
        return sqrt(sum / POINTS) / other.size
    }

    fun overlap(other: Mesh): Double =
        overlap(left, top, right, bottom, other.left, other.top, other.right, other.bottom)

    fun overlap(box: FaceBox): Double = overlap(left, top, right, bottom, box.left, box.top, box.right, box.bottom)

    /** Writes the 68 control points (iBUG-68 order) to [into]. */
    fun controlPoints(into: DoubleArray) {
        for ((n, vertex) in TO_68.withIndex()) {
            into[2 * n] = points[2 * vertex]
            into[2 * n + 1] = points[2 * vertex + 1]
        }
    }

    companion object {
        const val POINTS = 468

        // as in stylizer/landmarks/topology.py
        private val TO_68 = intArrayOf(
            162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389, // jaw
            71, 63, 105, 66, 107, 336, 296, 334, 293, 301, // brows
            168, 197, 5, 4, 75, 97, 2, 326, 305, // nose
            33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380, // eyes
            61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, // outer lips
            78, 82, 13, 312, 308, 317, 14, 87, // inner lips
        )
    }
}
