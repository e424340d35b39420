package dev.stylizer.core.geometry

import kotlin.math.abs
import kotlin.math.atan2
import kotlin.math.hypot
import kotlin.math.max

/** The upright square around a face in which a network knows it, framed as FFHQ is (Karras et al. 2019). */
object FaceFrame {
    private const val MOST_ENLARGED = 3.0 // tiny faces: beyond it strokes vanish when the drawing is reduced again

    // A face gets more and more of a frame of its own while it ...
    private const val SMALL_FROM = 0.4 // ... is shown at less of its size in training
    private const val SMALL_TO = 0.3
    private const val TILTED_FROM = 20.0 // ... tilts more, degrees
    private const val TILTED_TO = 30.0

    /**
     * Carries pixels of the photo to those of the frame.
     *
     * @param points 68 control points as x, y, x, y, ... in pixels
     * @param side of the frame
     * @param into gets the result
     */
    fun of(points: DoubleArray, side: Int, into: Affine = Affine()): Affine {
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
        val turn = into.set(acrossX * factor, acrossY * factor, 0.0, -acrossY * factor, acrossX * factor, 0.0)
        val centerX = eyesX + mouthX * 0.1
        val centerY = eyesY + mouthY * 0.1
        return turn.shifted(side / 2.0 - turn.x(centerX, centerY), side / 2.0 - turn.y(centerX, centerY), into)
    }

    /**
     * How much of a face needs a frame of its own over a canvas of this [scale]: 0 none, 1 all. It rises steadily, so
     * that in a video nothing jumps while a face comes nearer.
     */
    fun ownShare(frame: Affine, scale: Double): Double {
        val ratio = scale / frame.scale
        val tilt = abs(Math.toDegrees(atan2(frame.yx, frame.xx)))
        val small = (SMALL_FROM - ratio) / (SMALL_FROM - SMALL_TO)
        val tilted = (tilt - TILTED_FROM) / (TILTED_TO - TILTED_FROM)
        return max(small, tilted).coerceIn(0.0, 1.0)
    }
}
