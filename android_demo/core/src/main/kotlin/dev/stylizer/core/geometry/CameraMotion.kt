package dev.stylizer.core.geometry

import dev.stylizer.core.Picture
import dev.stylizer.core.blue
import dev.stylizer.core.green
import dev.stylizer.core.red
import java.util.Random
import kotlin.math.abs
import kotlin.math.atan2
import kotlin.math.cos
import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.pow
import kotlin.math.roundToInt
import kotlin.math.sin
import kotlin.math.sqrt

/**
 * How the picture of a camera moves as a whole, so that the strokes move with it instead of lying on the screen:
 * corners (Shi and Tomasi 1994) followed by optical flow (Lucas and Kanade 1981, pyramids); the similarity that most
 * agree on (RANSAC) is added up. A port of stylizer/geometry/camera_motion.py; on one thread.
 */
class CameraMotion {
    private var last: Pyramid? = null
    private var next: Pyramid? = null
    private val points = FloatArray(2 * CORNERS)
    private val moved = FloatArray(2 * CORNERS)
    private val good = BooleanArray(CORNERS)
    private var count = 0
    private val random = Random(0)
    private val step = Affine() // from one frame to the next, in pixels of the reduced ones
    private val full = Affine() // the same in pixels of the frames
    private val back = Affine()

    /**
     * Since the first frame, or since the last cut: from pixels of that one to those of the newest. The next frame
     * overwrites it.
     */
    val motion = Affine()

    /** Takes in the next frame and returns [motion]. */
    fun follow(picture: Picture): Affine {
        val factor = max(1, (max(picture.width, picture.height) / SIDE_PX).roundToInt())
        val spare = next?.takeIf { it.fits(picture, factor) }
            ?: Pyramid(picture.width / factor, picture.height / factor)
        spare.take(picture, factor)
        val before = last
        last = spare
        next = before
        if (before == null || !before.fits(picture, factor)) {
            count = 0
            return motion.setIdentity()
        }
        if (!findStep(before, spare)) {
            count = 0
            return motion.setIdentity()
        }
        full.set(step.xx, step.xy, step.x0 * factor, step.yx, step.yy, step.y0 * factor)
        if (reach(full, picture) > STILL_PX) {
            full.after(motion, motion)
            settle(picture)
        }
        return motion
    }

    /** Sets [step]; false for a cut. */
    private fun findStep(before: Pyramid, now: Pyramid): Boolean {
        if (count < FEWEST_CORNERS) count = before.corners(points, CORNERS)
        if (count < 3) { // nothing to hold on to: a wall
            step.setIdentity()
            return true
        }
        var kept = 0
        for (n in 0 until count) {
            if (before.flow(now, points[2 * n], points[2 * n + 1], moved, 2 * kept)) {
                points[2 * kept] = points[2 * n]
                points[2 * kept + 1] = points[2 * n + 1]
                kept++
            }
        }
        count = kept
        if (count < 3) return false
        val agree = agree()
        var inliers = 0
        for (n in 0 until count) if (good[n]) inliers++
        if (!agree || inliers < 0.3 * count || max(abs(step.x0), abs(step.y0)) > MOST_PX ||
            step.scale !in LEAST_ZOOM..MOST_ZOOM
        ) return false
        var held = 0
        for (n in 0 until count) if (good[n]) {
            points[2 * held] = moved[2 * n]
            points[2 * held + 1] = moved[2 * n + 1]
            held++
        }
        count = held
        return true
    }

    /** Sets [step] to the similarity that most corners agree on, by least squares over those, and [good]. */
    private fun agree(): Boolean {
        var bestA = 0
        var bestB = 0
        var most = 0
        repeat(TRIALS) {
            val a = random.nextInt(count)
            val b = random.nextInt(count)
            val agree = markBetween(a, b)
            if (agree > most) {
                most = agree
                bestA = a
                bestB = b
            }
        }
        if (most == 0) return false
        markBetween(bestA, bestB)
        if (!fitStep()) return false
        mark(step.xx, step.yx, step.x0, step.y0)
        return true
    }

    /** Marks as [good] which agree with x' = p x - q y + x0, y' = q x + p y + y0; returns how many. */
    private fun mark(p: Double, q: Double, x0: Double, y0: Double): Int {
        var agree = 0
        for (n in 0 until count) {
            val x = p * points[2 * n] - q * points[2 * n + 1] + x0 - moved[2 * n]
            val y = q * points[2 * n] + p * points[2 * n + 1] + y0 - moved[2 * n + 1]
            good[n] = x * x + y * y < INLIER_PX * INLIER_PX
            if (good[n]) agree++
        }
        return agree
    }

    /** With the similarity that carries two of them; 0 if they do not determine one. */
    private fun markBetween(a: Int, b: Int): Int {
        val x = (points[2 * b] - points[2 * a]).toDouble()
        val y = (points[2 * b + 1] - points[2 * a + 1]).toDouble()
        val u = (moved[2 * b] - moved[2 * a]).toDouble()
        val v = (moved[2 * b + 1] - moved[2 * a + 1]).toDouble()
        val norm = x * x + y * y
        if (norm < 25) return 0 // too near each other to say how it turned
        val p = (x * u + y * v) / norm
        val q = (x * v - y * u) / norm
        val px = points[2 * a]
        val py = points[2 * a + 1]
        return mark(p, q, moved[2 * a] - (p * px - q * py), moved[2 * a + 1] - (q * px + p * py))
    }

    /** Sets [step] by least squares over the [good] corners; false if they are too few. */
    private fun fitStep(): Boolean {
        var number = 0
        var x = 0.0
        var y = 0.0
        var u = 0.0
        var v = 0.0
        for (n in 0 until count) if (good[n]) {
            number++
            x += points[2 * n]
            y += points[2 * n + 1]
            u += moved[2 * n]
            v += moved[2 * n + 1]
        }
        if (number < 3) return false
        x /= number
        y /= number
        u /= number
        v /= number
        var norm = 1e-12
        var p = 0.0
        var q = 0.0
        for (n in 0 until count) if (good[n]) {
            val dx = points[2 * n] - x
            val dy = points[2 * n + 1] - y
            val du = moved[2 * n] - u
            val dv = moved[2 * n + 1] - v
            norm += dx * dx + dy * dy
            p += dx * du + dy * dv
            q += dx * dv - dy * du
        }
        step.set(p / norm, -q / norm, 0.0, q / norm, p / norm, 0.0)
        step.shifted(u - step.x(x, y), v - step.y(x, y), step)
        return true
    }

    /** Farthest that a corner of the picture goes. */
    private fun reach(step: Affine, picture: Picture): Double {
        var most = 0.0
        for (k in 0..3) {
            val x = if (k % 2 == 0) 0.0 else picture.width.toDouble()
            val y = if (k < 2) 0.0 else picture.height.toDouble()
            most = maxOf(most, abs(step.x(x, y) - x), abs(step.y(x, y) - y))
        }
        return most
    }

    /** Turns and zooms [motion] back a little, about the middle: strokes keep their size and direction. */
    private fun settle(picture: Picture) {
        val zoom = hypot(motion.xx, motion.yx).pow(1 - SETTLE)
        val angle = atan2(motion.yx, motion.xx) * (1 - SETTLE)
        val middleX = picture.width / 2.0
        val middleY = picture.height / 2.0
        motion.inverse(back)
        val x = back.x(middleX, middleY)
        val y = back.y(middleX, middleY)
        motion.set(zoom * cos(angle), -zoom * sin(angle), 0.0, zoom * sin(angle), zoom * cos(angle), 0.0)
        motion.shifted(middleX - motion.x(x, y), middleY - motion.y(x, y), motion)
    }

    private companion object {
        const val SIDE_PX = 240.0 // frames are reduced to about this
        const val CORNERS = 60
        const val FEWEST_CORNERS = 25
        const val MOST_PX = 40.0 // a larger step is a cut
        const val LEAST_ZOOM = 0.7 // from frame to frame
        const val MOST_ZOOM = 1.4
        const val STILL_PX = 0.05 // a smaller one is noise
        const val SETTLE = 0.01
        const val INLIER_PX = 0.5
        const val TRIALS = 60
    }
}

/** A grey frame in halving sizes, and flow from it to another. */
private class Pyramid(private val width: Int, private val height: Int) {
    private val widths = IntArray(LEVELS) { width shr it }
    private val heights = IntArray(LEVELS) { height shr it }
    private val levels = Array(LEVELS) { FloatArray(widths[it] * heights[it]) }
    private val strength = FloatArray(width * height)
    private val window = FloatArray(WINDOW * WINDOW)
    private val slopeX = FloatArray(WINDOW * WINDOW)
    private val slopeY = FloatArray(WINDOW * WINDOW)

    fun fits(picture: Picture, factor: Int) = picture.width / factor == width && picture.height / factor == height

    fun take(picture: Picture, factor: Int) {
        val grey = levels[0]
        val share = 1f / (factor * factor)
        for (y in 0 until height) for (x in 0 until width) {
            var sum = 0
            for (j in 0 until factor) {
                val begin = (y * factor + j) * picture.width + x * factor
                for (i in begin until begin + factor) {
                    val pixel = picture.pixels[i]
                    sum += 77 * red(pixel) + 150 * green(pixel) + 29 * blue(pixel) shr 8
                }
            }
            grey[y * width + x] = sum * share
        }
        for (level in 1 until LEVELS) {
            val finer = levels[level - 1]
            val step = widths[level - 1]
            for (y in 0 until heights[level]) for (x in 0 until widths[level]) {
                val at = 2 * y * step + 2 * x
                val sum = finer[at] + finer[at + 1] + finer[at + step] + finer[at + step + 1]
                levels[level][y * widths[level] + x] = sum / 4
            }
        }
    }

    /** Writes the strongest corners, apart from each other, to [into]; returns how many. */
    fun corners(into: FloatArray, most: Int): Int {
        strength.fill(0f)
        val grey = levels[0]
        var strongest = 0f
        val margin = WINDOW / 2 + 2
        // every second pixel; `step` would allocate a range for each row
        for (row in 0 until (height - 2 * margin + 1) / 2) for (column in 0 until (width - 2 * margin + 1) / 2) {
            val x = margin + 2 * column
            val y = margin + 2 * row
            var xx = 0f
            var xy = 0f
            var yy = 0f
            for (j in -1..1) for (i in -1..1) {
                val at = (y + j) * width + x + i
                val dx = grey[at + 1] - grey[at - 1]
                val dy = grey[at + width] - grey[at - width]
                xx += dx * dx
                xy += dx * dy
                yy += dy * dy
            }
            val least = (xx + yy) / 2 - sqrt((xx - yy) * (xx - yy) / 4 + xy * xy)
            strength[y * width + x] = least
            strongest = max(strongest, least)
        }
        var count = 0
        while (count < most) {
            var best = 0
            for (n in strength.indices) if (strength[n] > strength[best]) best = n
            if (strength[best] <= max(1f, 0.01f * strongest)) break
            val x = best % width
            val y = best / width
            into[2 * count] = x.toFloat()
            into[2 * count + 1] = y.toFloat()
            count++
            for (j in max(0, y - APART)..minOf(height - 1, y + APART)) {
                strength.fill(0f, j * width + max(0, x - APART), j * width + minOf(width - 1, x + APART) + 1)
            }
        }
        return count
    }

    /** Where the point at (x, y) is in [other], to [into] at [at]; false if it is lost. */
    fun flow(other: Pyramid, x: Float, y: Float, into: FloatArray, at: Int): Boolean {
        var dx = 0f
        var dy = 0f
        for (level in LEVELS - 1 downTo 0) {
            val scale = 1f / (1 shl level)
            // pixel centres of a reduced level lie between those of the finer one
            val px = (x + 0.5f) * scale - 0.5f
            val py = (y + 0.5f) * scale - 0.5f
            if (level < LEVELS - 1) {
                dx *= 2
                dy *= 2
            }
            var xx = 0f
            var xy = 0f
            var yy = 0f
            for (j in 0 until WINDOW) for (i in 0 until WINDOW) {
                val u = px + i - WINDOW / 2
                val v = py + j - WINDOW / 2
                val k = j * WINDOW + i
                window[k] = sample(level, u, v)
                slopeX[k] = (sample(level, u + 1, v) - sample(level, u - 1, v)) / 2
                slopeY[k] = (sample(level, u, v + 1) - sample(level, u, v - 1)) / 2
                xx += slopeX[k] * slopeX[k]
                xy += slopeX[k] * slopeY[k]
                yy += slopeY[k] * slopeY[k]
            }
            val determinant = xx * yy - xy * xy
            if (determinant < 1f) return false
            for (round in 0 until ROUNDS) {
                var bx = 0f
                var by = 0f
                for (j in 0 until WINDOW) for (i in 0 until WINDOW) {
                    val k = j * WINDOW + i
                    val change = window[k] - other.sample(level, px + dx + i - WINDOW / 2, py + dy + j - WINDOW / 2)
                    bx += change * slopeX[k]
                    by += change * slopeY[k]
                }
                val stepX = (yy * bx - xy * by) / determinant
                val stepY = (xx * by - xy * bx) / determinant
                dx += stepX
                dy += stepY
                if (stepX * stepX + stepY * stepY < 0.0004f) break
            }
        }
        into[at] = x + dx
        into[at + 1] = y + dy
        return into[at] in 0f..width - 1f && into[at + 1] in 0f..height - 1f
    }

    private fun sample(level: Int, x: Float, y: Float): Float {
        val wide = widths[level]
        val px = x.coerceIn(0f, wide - 1.001f)
        val py = y.coerceIn(0f, heights[level] - 1.001f)
        val left = px.toInt()
        val top = py.toInt()
        val fx = px - left
        val at = top * wide + left
        val grey = levels[level]
        val upper = grey[at] + fx * (grey[at + 1] - grey[at])
        val lower = grey[at + wide] + fx * (grey[at + wide + 1] - grey[at + wide])
        return upper + (py - top) * (lower - upper)
    }

    private companion object {
        const val LEVELS = 3
        const val WINDOW = 15
        const val ROUNDS = 10
        const val APART = 5
    }
}
