package dev.stylizer.core.geometry

import kotlin.math.abs
import kotlin.math.sqrt

/**
 * x' = xx x + xy y + x0, y' = yx x + yy y + y0, in pixels; the centre of a picture's first pixel is at (0.5, 0.5).
 */
class Affine(
    val xx: Double, val xy: Double, val x0: Double,
    val yx: Double, val yy: Double, val y0: Double,
) {
    /** How much a similarity enlarges. */
    val scale: Double get() = sqrt(abs(xx * yy - xy * yx))

    fun x(x: Double, y: Double): Double = xx * x + xy * y + x0

    fun y(x: Double, y: Double): Double = yx * x + yy * y + y0

    fun inverse(): Affine {
        val d = xx * yy - xy * yx
        return Affine(
            yy / d, -xy / d, (xy * y0 - yy * x0) / d,
            -yx / d, xx / d, (yx * x0 - xx * y0) / d,
        )
    }

    /** [first], then this. */
    fun after(first: Affine): Affine = Affine(
        xx * first.xx + xy * first.yx, xx * first.xy + xy * first.yy, x(first.x0, first.y0),
        yx * first.xx + yy * first.yx, yx * first.xy + yy * first.yy, y(first.x0, first.y0),
    )

    /** The same followed by an enlargement about the origin. */
    fun enlarged(factor: Double): Affine =
        Affine(xx * factor, xy * factor, x0 * factor, yx * factor, yy * factor, y0 * factor)

    fun shifted(dx: Double, dy: Double): Affine = Affine(xx, xy, x0 + dx, yx, yy, y0 + dy)

    /** The map that does for pixels' centres what this does for their indices, as MediaPipe takes pictures. */
    fun ofIndices(): Affine = Affine(
        xx, xy, x(-0.5, -0.5) + 0.5,
        yx, yy, y(-0.5, -0.5) + 0.5,
    )

    companion object {
        val IDENTITY = Affine(1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    }
}
