package dev.stylizer.core.drawing

import dev.stylizer.core.geometry.Affine
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class StrokesTest {
    private val tile = ByteArray(64) { (it * 37 % 101 - 50).toByte() }

    private fun under(moved: Affine, zero: Float = 0f): FloatArray {
        val values = FloatArray(12 * 12)
        Strokes(tile, 0.5f, zero, 12).under(moved) { n, value -> values[n] = value }
        return values
    }

    @Test
    fun `at rest it is the repeated tile with cells of four pixels as channels`() {
        val values = under(Affine(), 3f)
        for (y in 0 until 12) for (x in 0 until 12) {
            val channel = y % 2 * 2 + x % 2
            assertEquals(0.5f * tile[y % 8 * 8 + x % 8] + 3f, values[(y / 2 * 6 + x / 2) * 4 + channel], 1e-6f)
        }
    }

    @Test
    fun `moved by its period it is at rest again`() =
        assertArrayEquals(under(Affine()), under(Affine().shifted(-16.0, 8.0)), 1e-6f)

    @Test
    fun `strokes move with the picture`() {
        val still = under(Affine())
        val moved = under(Affine().shifted(2.0, 4.0))
        for (y in 4 until 12) for (x in 2 until 12) {
            val from = ((y - 4) / 2 * 6 + (x - 2) / 2) * 4
            val to = (y / 2 * 6 + x / 2) * 4
            assertEquals(still[from + y % 2 * 2 + x % 2], moved[to + y % 2 * 2 + x % 2], 1e-6f)
        }
    }
}
