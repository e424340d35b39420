package dev.stylizer.core.geometry

import kotlin.math.abs
import kotlin.math.atan2
import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.min

/** The upright square around a face in which a network knows it, framed as FFHQ is (Karras et al. 2019). */
object FaceFrame {
    private const val MOST_ENLARGED = 3.0 // tiny faces: beyond it strokes vanish when the drawing is reduced again
    private val OWN_RATIO = 0.3..0.4 // a face shown at less than this share of the size in training
    private val OWN_TILT = 20.0..30.0 // degrees

    /**
     * Carries pixels of the photo to those of the frame.
     *
     * @param points 68 control points as x, y, x, y, ... in pixels
     * @param side of the frame
     */
    fun of(points: DoubleArray, side: Int): Affine {
        fun mean(from: Int, until: Int, axis: Int): Double {
            var sum = 0.0
            for (n in from until until) sum += points[2 * n + axis]
            return sum / (until - from)
        }
        val leftX = mean(36, 42, 0)
        val leftY = mean(36, 42, 1)
        val rightX = mean(42, 48, 0)
        val rightY = mean(42, 48, 1)
        val eyesX = (leftX + rightX) / 2
        val eyesY = (leftY + rightY) / 2
        val eyeX = rightX - leftX
        val eyeY = rightY - leftY
        val mouthX = (points[96] + points[108]) / 2 - eyesX
        val mouthY = (points[97] + points[109]) / 2 - eyesY
        val length = max(hypot(eyeX + mouthY, eyeY - mouthX), 1e-12)
        val acrossX = (eyeX + mouthY) / length
        val acrossY = (eyeY - mouthX) / length
        val half = max(max(hypot(eyeX, eyeY) * 2.0, hypot(mouthX, mouthY) * 1.8), 1e-6)
        val factor = minOf(side / (2 * half), MOST_ENLARGED)
        val turn = Affine(acrossX * factor, acrossY * factor, 0.0, -acrossY * factor, acrossX * factor, 0.0)
        val centerX = eyesX + mouthX * 0.1
        val centerY = eyesY + mouthY * 0.1
        return turn.shifted(side / 2.0 - turn.x(centerX, centerY), side / 2.0 - turn.y(centerX, centerY))
    }

    /**
     * How much of a face needs a frame of its own over a canvas of this [scale]: 0 none, 1 all. It rises steadily, so
     * that in a video nothing jumps while a face comes nearer.
     */
    fun ownShare(frame: Affine, scale: Double): Double {
        val ratio = scale / frame.scale
        val tilt = abs(Math.toDegrees(atan2(frame.yx, frame.xx)))
        val small = (OWN_RATIO.endInclusive - ratio) / (OWN_RATIO.endInclusive - OWN_RATIO.start)
        val tilted = (tilt - OWN_TILT.start) / (OWN_TILT.endInclusive - OWN_TILT.start)
        return max(small, tilted).coerceIn(0.0, 1.0)
    }

    /** left, top, right, bottom in the photo of a square of [side] that [frame] carries it to. */
    fun bounds(frame: Affine, side: Double): DoubleArray {
        val back = frame.inverse()
        val left = back.x0 + min(0.0, back.xx * side) + min(0.0, back.xy * side)
        val top = back.y0 + min(0.0, back.yx * side) + min(0.0, back.yy * side)
        return doubleArrayOf(left, top, left + (abs(back.xx) + abs(back.xy)) * side,
            top + (abs(back.yx) + abs(back.yy)) * side)
    }
}
