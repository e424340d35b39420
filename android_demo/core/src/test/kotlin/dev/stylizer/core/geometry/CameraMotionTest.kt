package dev.stylizer.core.geometry

import dev.stylizer.core.Picture
import dev.stylizer.core.blue
import dev.stylizer.core.green
import dev.stylizer.core.red
import dev.stylizer.core.rgb
import java.util.Random
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class CameraMotionTest {
    private val scene = run {
        val random = Random(0)
        fun value() = random.nextInt(256)
        val coarse = Picture(40, 32, IntArray(40 * 32) { rgb(value(), value(), value()) })
        resized(coarse, 800, 640)
    }

    /** The scene as a camera sees it that moved by [map], with noise. */
    private fun frame(map: Affine, random: Random, noise: Double = 2.0) = Picture(512, 512).also { seen ->
        warp(scene, map.inverse(), seen, Border.REFLECT)
        for ((n, pixel) in seen.pixels.withIndex()) {
            fun noisy(value: Int) = Math.round(value + noise * random.nextGaussian()).toInt().coerceIn(0, 255)
            seen.pixels[n] = rgb(noisy(red(pixel)), noisy(green(pixel)), noisy(blue(pixel)))
        }
    }

    @Test
    fun `follows pans`() {
        for ((dx, dy) in listOf(1.0 to 0.5, -3.3 to 0.0, 0.4 to -7.0)) {
            val camera = CameraMotion()
            val random = Random(1)
            repeat(20) { n ->
                val found = camera.follow(frame(Affine().shifted(-100 + dx * n, -60 + dy * n), random))
                assertEquals(dx * n, found.x0, 1.5)
                assertEquals(dy * n, found.y0, 1.5)
                assertEquals(1.0, found.xx, 0.01)
                assertEquals(0.0, found.xy, 0.01)
            }
        }
    }

    @Test
    fun `a still camera gives a still picture`() {
        val camera = CameraMotion()
        val random = Random(2)
        repeat(30) {
            val found = camera.follow(frame(Affine(), random))
            assertTrue(Math.abs(found.x0) < 0.5 && Math.abs(found.y0) < 0.5)
        }
    }

    @Test
    fun `begins anew after a cut`() {
        val camera = CameraMotion()
        val random = Random(3)
        repeat(5) { camera.follow(frame(Affine().shifted(-3.0 * it, 0.0), random)) }
        assertTrue(camera.motion.x0 < -8)
        val other = Picture(512, 512, IntArray(512 * 512) { rgb(random.nextInt(256), random.nextInt(256), 0) })
        camera.follow(other)
        assertEquals(0.0, camera.motion.x0, 0.0)
    }

    @Test
    fun `a wall without corners is at rest`() {
        val camera = CameraMotion()
        repeat(3) { camera.follow(Picture(512, 512).apply { pixels.fill(rgb(90, 90, 90)) }) }
        assertEquals(0.0, camera.motion.x0, 0.0)
    }
}
