package dev.stylizer.core.geometry

import dev.stylizer.core.Picture
import dev.stylizer.core.red
import dev.stylizer.core.rgb
import java.util.Random
import kotlin.math.abs
import kotlin.math.cos
import kotlin.math.sin
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test

class GeometryTest {
    private val random = Random(3)

    private fun noise(width: Int, height: Int) = Picture(width, height).apply {
        for (n in pixels.indices) pixels[n] = rgb(random.nextInt(256), random.nextInt(256), random.nextInt(256))
    }

    private fun turn(angle: Double, scale: Double, dx: Double, dy: Double) =
        Affine(scale * cos(angle), -scale * sin(angle), dx, scale * sin(angle), scale * cos(angle), dy)

    @Test
    fun `a map and its inverse cancel out`() {
        val map = turn(0.4, 1.7, 3.0, -8.0)
        val both = map.inverse().after(map)
        assertEquals(1.0, both.xx, 1e-12)
        assertEquals(0.0, both.xy, 1e-12)
        assertEquals(0.0, both.x0, 1e-12)
        assertEquals(0.0, both.y0, 1e-12)
        assertEquals(1.7, map.scale, 1e-12)
    }

    @Test
    fun `a map may become what is made from it`() {
        val other = turn(-0.2, 0.6, 1.0, 5.0)
        fun check(expected: Affine, make: (Affine) -> Affine) {
            val map = turn(0.4, 1.7, 3.0, -8.0)
            assertSame(map, make(map))
            assertTrue(map.isSameAs(expected))
        }
        val map = turn(0.4, 1.7, 3.0, -8.0)
        check(map.inverse()) { it.inverse(it) }
        check(map.after(other)) { it.after(other, it) }
        check(other.after(map)) { other.after(it, it) }
        check(map.enlarged(3.0)) { it.enlarged(3.0, it) }
        check(map.shifted(1.0, 2.0)) { it.shifted(1.0, 2.0, it) }
        check(map.ofIndices()) { it.ofIndices(it) }
        check(Affine()) { it.setIdentity() }
        check(other) { it.set(other) }
    }

    @Test
    fun `the identity warp gives the picture back`() {
        val picture = noise(31, 17)
        val into = Picture(31, 17)
        warp(picture, Affine(), into, Border.BLACK)
        assertArrayEquals(picture.pixels, into.pixels)
    }

    @Test
    fun `beyond the edge is what was asked for`() {
        val picture = Picture(3, 1, intArrayOf(rgb(10, 0, 0), rgb(20, 0, 0), rgb(30, 0, 0)))
        fun seen(border: Border) = Picture(7, 1).also { warp(picture, Affine().shifted(-2.0, 0.0), it, border) }
            .pixels.map(::red)
        assertEquals(listOf(0, 0, 10, 20, 30, 0, 0), seen(Border.BLACK))
        assertEquals(listOf(10, 10, 10, 20, 30, 30, 30), seen(Border.REPLICATE))
        assertEquals(listOf(30, 20, 10, 20, 30, 20, 10), seen(Border.REFLECT))
    }

    @Test
    fun `resizing keeps what is even, and means when it halves`() {
        val even = Picture(40, 30).apply { pixels.fill(rgb(12, 200, 77)) }
        for ((width, height) in listOf(13 to 9, 36 to 27, 97 to 55)) {
            assertTrue(resized(even, width, height).pixels.all { it == rgb(12, 200, 77) })
        }
        val greys = intArrayOf(0, 100, 30, 50, 20, 80, 10, 30)
        val half = resized(Picture(4, 2, IntArray(8) { rgb(greys[it], greys[it], greys[it]) }), 2, 1)
        assertEquals(listOf(50, 30), half.pixels.map(::red))
    }

    @Test
    fun `a part of a resized picture is that part of the whole, whatever the memory held before`() {
        val picture = noise(60, 45)
        val resizer = Resizer()
        val part = Picture(2, 5)
        for ((width, height) in listOf(97 to 73, 20 to 15, 51 to 38, 60 to 45)) {
            val whole = resized(picture, width, height)
            part.reshape(9, 7)
            resizer.resize(picture, width, height, part, 11, 8)
            for (y in 0 until 7) for (x in 0 until 9) {
                assertEquals(whole.pixels[(y + 8) * width + x + 11], part.pixels[y * 9 + x])
            }
        }
    }

    @Test
    fun `a picture that grows a little at a time is rarely given other memory`() {
        val picture = Picture(1, 1)
        val arrays = (1..500).map { System.identityHashCode(picture.reshape(it, 3).pixels) }.distinct()
        assertTrue("${arrays.size} arrays", arrays.size < 20)
    }

    @Test
    fun `the spline passes through its points and vanishes where nothing moves`() {
        val target = DoubleArray(40) { 0.2 + 0.6 * random.nextDouble() }
        val source = DoubleArray(40) { target[it] + 0.03 * random.nextGaussian() }
        val at = DoubleArray(2)
        val spline = ThinPlateSpline(20)
        spline.fit(source, target, 0.0)
        for (n in 0 until 20) {
            spline.displacement(target[2 * n], target[2 * n + 1], at)
            assertEquals(source[2 * n] - target[2 * n], at[0], 1e-4)
            assertEquals(source[2 * n + 1] - target[2 * n + 1], at[1], 1e-4)
        }
        spline.fit(target, target, 0.0) // nothing of the fit before is left
        spline.displacement(0.3, 0.9, at)
        assertEquals(0.0, abs(at[0]) + abs(at[1]), 1e-9)
    }

    @Test
    fun `bending by nothing changes nothing, and only the face's surroundings bend`() {
        val points = DoubleArray(136) { if (it % 2 == 0) 200 + 60 * cos(it * 0.7) else 150 + 60 * sin(it * 0.7) }
        val picture = noise(400, 300)
        val before = picture.pixels.clone()
        Bend(cubic = false).apply(picture, points.clone(), FloatArray(136) { 0.05f }, 0f)
        assertArrayEquals(before, picture.pixels)
        val moved = points.clone()
        Bend(cubic = true).apply(picture, moved, FloatArray(136) { if (it % 3 == 0) 0.05f else -0.02f }, 1f)
        assertTrue(!before.contentEquals(picture.pixels) && !moved.contentEquals(points))
        assertEquals(before[0], picture.pixels[0])
        assertEquals(before.last(), picture.pixels.last())
    }

    @Test
    fun `a face of the size in training needs no frame of its own, a small or tilted one does`() {
        assertEquals(0.0, FaceFrame.ownShare(turn(0.1, 1.0, 0.0, 0.0), 1.0), 0.0)
        assertEquals(1.0, FaceFrame.ownShare(turn(0.0, 3.5, 0.0, 0.0), 1.0), 0.0)
        assertEquals(1.0, FaceFrame.ownShare(turn(0.6, 1.0, 0.0, 0.0), 1.0), 0.0)
        assertEquals(0.5, FaceFrame.ownShare(turn(0.0, 1.0, 0.0, 0.0), 0.35), 1e-9)
    }
}
