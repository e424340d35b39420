package dev.stylizer.core.geometry

import kotlin.math.abs
import kotlin.math.sqrt

/**
 * x' = xx x + xy y + x0, y' = yx x + yy y + y0, in pixels; the centre of a picture's first pixel is at (0.5, 0.5). The
 * identity, if nothing else is said.
 *
 * What makes one of another writes it to `into` and returns that, a new one if there is none: what runs for every frame
 * gives one of its own, be it the one that the result is made from.
 */
class Affine(
    xx: Double = 1.0, xy: Double = 0.0, x0: Double = 0.0,
    yx: Double = 0.0, yy: Double = 1.0, y0: Double = 0.0,
) {
    var xx = xx
        private set
    var xy = xy
        private set
    var x0 = x0
        private set
    var yx = yx
        private set
    var yy = yy
        private set
    var y0 = y0
        private set

    /** How much a similarity enlarges. */
    val scale: Double get() = sqrt(abs(xx * yy - xy * yx))

    fun x(x: Double, y: Double): Double = xx * x + xy * y + x0

    fun y(x: Double, y: Double): Double = yx * x + yy * y + y0

    /** Returns this. */
    fun set(xx: Double, xy: Double, x0: Double, yx: Double, yy: Double, y0: Double): Affine {
        this.xx = xx
        this.xy = xy
        this.x0 = x0
        this.yx = yx
        this.yy = yy
        this.y0 = y0
        return this
    }

    fun set(other: Affine): Affine = set(other.xx, other.xy, other.x0, other.yx, other.yy, other.y0)

    fun setIdentity(): Affine = set(1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

    /** To the last bit; not a number is the same as nothing. */
    fun isSameAs(other: Affine): Boolean = xx == other.xx && xy == other.xy && x0 == other.x0 &&
        yx == other.yx && yy == other.yy && y0 == other.y0

    fun inverse(into: Affine = Affine()): Affine {
        val d = xx * yy - xy * yx
        return into.set(
            yy / d, -xy / d, (xy * y0 - yy * x0) / d,
            -yx / d, xx / d, (yx * x0 - xx * y0) / d,
        )
    }

    /** [first], then this. */
    fun after(first: Affine, into: Affine = Affine()): Affine = into.set(
        xx * first.xx + xy * first.yx, xx * first.xy + xy * first.yy, x(first.x0, first.y0),
        yx * first.xx + yy * first.yx, yx * first.xy + yy * first.yy, y(first.x0, first.y0),
    )

    /** The same followed by an enlargement about the origin. */
    fun enlarged(factor: Double, into: Affine = Affine()): Affine =
        into.set(xx * factor, xy * factor, x0 * factor, yx * factor, yy * factor, y0 * factor)

    fun shifted(dx: Double, dy: Double, into: Affine = Affine()): Affine = into.set(xx, xy, x0 + dx, yx, yy, y0 + dy)

    /** The map that does for pixels' centres what this does for their indices, as MediaPipe takes pictures. */
    fun ofIndices(into: Affine = Affine()): Affine = into.set(
        xx, xy, x(-0.5, -0.5) + 0.5,
        yx, yy, y(-0.5, -0.5) + 0.5,
    )
}
