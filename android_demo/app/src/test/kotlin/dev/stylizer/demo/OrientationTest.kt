package dev.stylizer.demo

import org.junit.Assert.assertEquals
import org.junit.Test

class OrientationTest {
    // 1 2 3
    // 4 5 6
    private val stored = listOf("123", "456")

    @Test
    fun everyExifTagMakesThePictureUpright() {
        val expected = mapOf(
            1 to "123/456", 2 to "321/654", 3 to "654/321", 4 to "456/123",
            5 to "14/25/36", 6 to "41/52/63", 7 to "63/52/41", 8 to "36/25/14", 0 to "123/456")
        for ((tag, picture) in expected) assertEquals("tag $tag", picture, upright(Orientation.ofExif(tag)))
    }

    @Test
    fun mirroredAgainIsAsInAMirror() {
        assertEquals("14/25/36", upright(Orientation.ofExif(6).mirroredAgain()))
        assertEquals("123/456", upright(Orientation.ofExif(2).mirroredAgain()))
    }

    private fun upright(orientation: Orientation): String {
        val pixels = CharArray(6)
        for (y in 0 until 2) for (x in 0 until 3) pixels[orientation.index(x, y, 3, 2)] = stored[y][x]
        return String(pixels).chunked(if (orientation.turned) 2 else 3).joinToString("/")
    }
}
