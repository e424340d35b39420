package dev.stylizer.core.landmarks

import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Test

class FaceBoxListTest {
    private val list = FaceBoxList()

    private fun fill(vararg scores: Double) {
        list.clear()
        for ((n, score) in scores.withIndex()) list.add().also { it.score = score }.values[0] = n.toDouble()
    }

    private fun places() = List(list.size) { list[it].left.toInt() }

    @Test
    fun `sorts the largest first and keeps what is equal in order`() {
        fill(0.5, 0.9, 0.5, 0.7, 0.9)
        list.sortDescending { it.score }
        assertEquals(listOf(1, 4, 3, 0, 2), places())
    }

    @Test
    fun `is filled again in the same memory`() {
        fill(0.1, 0.2, 0.3)
        val boxes = List(3) { list[it] }
        list.sortDescending { it.score }
        fill(0.6, 0.8)
        assertEquals(listOf(0, 1), places())
        list.sortDescending { it.score }
        assertEquals(listOf(1, 0), places())
        assertSame(boxes[2], list[1])
    }
}
