package dev.stylizer.core.geometry

import kotlin.math.abs
import kotlin.math.min

/** The upright box around a square that lies aslant in a picture, in the picture's pixels. To be overwritten. */
internal class Bounds {
    var left = 0.0
        private set
    var top = 0.0
        private set
    var right = 0.0
        private set
    var bottom = 0.0
        private set

    /** Around a square of [side] from the origin on, which [toPicture] carries to the picture. */
    fun set(toPicture: Affine, side: Double) {
        left = toPicture.x0 + min(0.0, toPicture.xx * side) + min(0.0, toPicture.xy * side)
        top = toPicture.y0 + min(0.0, toPicture.yx * side) + min(0.0, toPicture.yy * side)
        right = left + (abs(toPicture.xx) + abs(toPicture.xy)) * side
        bottom = top + (abs(toPicture.yx) + abs(toPicture.yy)) * side
    }
}
