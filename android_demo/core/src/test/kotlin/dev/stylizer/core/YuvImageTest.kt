package dev.stylizer.core

import java.nio.ByteBuffer
import kotlin.math.abs
import kotlin.math.roundToInt
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class YuvImageTest {
    private val frame = YuvImage() // for all of them

    /** A frame of 64 x 48 as a camera stores it; [interleaved] chroma, rows with padding. */
    private fun yuv(color: (Int, Int) -> Int, interleaved: Boolean): YuvImage {
        val width = 64
        val height = 48
        val yStride = 80
        val y = ByteBuffer.allocateDirect(yStride * height)
        val pixelStride = if (interleaved) 2 else 1
        val uvStride = 40 * pixelStride
        val chroma = ByteBuffer.allocateDirect(uvStride * height)
        val u = chroma.duplicate()
        val v = if (interleaved) {
            chroma.duplicate().apply { position(1) }.slice()
        } else {
            ByteBuffer.allocateDirect(uvStride * height)
        }
        for (row in 0 until height) for (column in 0 until width) {
            val pixel = color(column, row)
            val (r, g, b) = Triple(red(pixel), green(pixel), blue(pixel))
            y.put(row * yStride + column, (0.299 * r + 0.587 * g + 0.114 * b).roundToInt().toByte())
            val at = row / 2 * uvStride + column / 2 * pixelStride
            u.put(at, (128 - 0.168736 * r - 0.331264 * g + 0.5 * b).roundToInt().coerceIn(0, 255).toByte())
            v.put(at, (128 + 0.5 * r - 0.418688 * g - 0.081312 * b).roundToInt().coerceIn(0, 255).toByte())
        }
        frame.set(width, height, y, u, v, yStride, uvStride, pixelStride)
        assertEquals(yStride * height, y.remaining())
        return frame
    }

    private fun near(expected: Int, found: Int) = assertTrue(
        "expected ${Integer.toHexString(expected)}, got ${Integer.toHexString(found)}",
        listOf(::red, ::green, ::blue).all { abs(it(expected) - it(found)) <= 3 })

    private val corners = listOf(rgb(220, 30, 40), rgb(30, 200, 60), rgb(40, 60, 210), rgb(230, 220, 50))

    /** Four colours: top left, top right, bottom left, bottom right of the middle square. */
    private fun quarters(x: Int, y: Int) = corners[(if (y < 24) 0 else 2) + if (x < 32) 0 else 1]

    @Test
    fun `turns clockwise, then mirrors`() {
        val (a, b, c, d) = corners
        val upright = mapOf(
            0 to listOf(a, b, c, d), 90 to listOf(c, a, d, b), 180 to listOf(d, c, b, a), 270 to listOf(b, d, a, c))
        val both = listOf(false, true)
        for ((degrees, expected) in upright) for (interleaved in both) for (mirrored in both) {
            val into = Picture(96, 96)
            yuv(::quarters, interleaved).toSquare(into, degrees, mirrored)
            val seen = listOf(20 to 20, 76 to 20, 20 to 76, 76 to 76).map { (x, y) -> into.pixels[y * 96 + x] }
            val wanted = if (mirrored) listOf(expected[1], expected[0], expected[3], expected[2]) else expected
            wanted.zip(seen).forEach { (w, s) -> near(w, s) }
        }
    }

    @Test
    fun `greys are exact, and a ramp stays a ramp`() {
        val into = Picture(48, 48)
        yuv({ x, _ -> rgb(4 * x, 4 * x, 4 * x) }, true).toSquare(into, 0, false)
        for (x in 0 until 48) assertEquals(4 * (x + 8), red(into.pixels[10 * 48 + x]))
        val large = Picture(96, 96)
        yuv({ x, _ -> rgb(4 * x, 4 * x, 4 * x) }, false).toSquare(large, 0, false)
        for (x in 1 until 96) assertTrue(red(large.pixels[x]) >= red(large.pixels[x - 1]))
    }
}
