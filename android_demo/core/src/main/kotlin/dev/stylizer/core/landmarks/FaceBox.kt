package dev.stylizer.core.landmarks

import kotlin.math.atan2

/** A face as the detector sees it, in pixels of the picture: a box, and the eyes' centres. To be overwritten. */
class FaceBox {
    /** left, top, right, bottom, x and y of one eye, x and y of the other. */
    val values = DoubleArray(8)

    /** Probability that it is one. */
    var score = 0.0

    val left: Double get() = values[0]
    val top: Double get() = values[1]
    val right: Double get() = values[2]
    val bottom: Double get() = values[3]
    val area: Double get() = (right - left) * (bottom - top)

    /** Radians, clockwise, by which the line through the eyes is turned. */
    val tilt: Double get() = atan2(values[7] - values[5], values[6] - values[4])

    /** With the picture. */
    fun enlarge(factor: Double) {
        for (n in values.indices) values[n] *= factor
    }
}

/** Intersection over union. */
internal fun overlap(a: FaceBox, b: FaceBox): Double =
    overlap(a.left, a.top, a.right, a.bottom, b.left, b.top, b.right, b.bottom)

internal fun overlap(
    left: Double, top: Double, right: Double, bottom: Double,
    otherLeft: Double, otherTop: Double, otherRight: Double, otherBottom: Double,
): Double {
    val width = minOf(right, otherRight) - maxOf(left, otherLeft)
    val height = minOf(bottom, otherBottom) - maxOf(top, otherTop)
    if (width <= 0 || height <= 0) return 0.0
    val areas = (right - left) * (bottom - top) + (otherRight - otherLeft) * (otherBottom - otherTop)
    return width * height / (areas - width * height)
}
